import type { Socket } from 'node:net'
import { type GuardFault, type GuardLimits, PacketGuard } from './packet-guard.js'

/** What is read from one socket. aedes pulls with `read()`, so what is refused here never reaches its parser. */
export class SocketInlet {
  readonly #socket: Socket
  readonly #guard: PacketGuard
  #mayRead = true

  constructor(socket: Socket, limits: GuardLimits, onFault: (fault: GuardFault) => void) {
    this.#socket = socket
    this.#guard = new PacketGuard(limits)
    const read = socket.read.bind(socket)
    socket.read = (size) => {
      if (!this.#mayRead) return null
      const chunk: unknown = read(size)
      if (!(chunk instanceof Uint8Array)) return chunk
      const fault = this.#guard.check(chunk)
      if (!fault) return chunk
      onFault(fault)
      socket.destroy()
      return null
    }
  }

  /** The CONNECT is accepted: packets may be longer from here on. */
  accepted(longestPacket: number): void {
    this.#guard.accepted(longestPacket)
  }

  /** Stops reading, and goes on: what the client sends meanwhile stays in the buffers of the system, then with it. */
  read(mayRead: boolean): void {
    this.#mayRead = mayRead
    if (mayRead) this.#socket.emit('readable')
  }
}
