import type { Socket } from 'node:net'
import type { Clock, Undo } from '../clock.js'
import {
  type BucketPolicy,
  type CapFault,
  ConnectionCaps,
  type ConnectionLimits,
  FULL_BUCKET,
  hasToken,
  takeToken,
  WaitingLine,
  type WaitingPolicy,
} from '../resilience/index.js'

export interface SocketAdmissionOptions {
  readonly clock: Clock
  readonly connections: ConnectionLimits
  readonly waiting?: WaitingPolicy | undefined
  /** A socket that may speak; nothing of it has been read. */
  readonly onAdmitted: (socket: Socket) => void
  readonly onRefused: (reason: CapFault) => void
  /** Whether sockets are to be dropped before anything is made of them; `dropped` is to be told of each. */
  readonly onShut: (isShut: boolean) => void
}

interface Guest {
  readonly socket: Socket
  readonly address: string
  /** Why it has to wait. */
  readonly fault: CapFault
}

/** While somebody waits it is looked so often whether there is room by now: at the usual pace for one of them. */
const LOOK_MS = 10
/** Of those that cannot come in at once: more are a flood. A fleet that comes back together is none. */
const KNOCKS: BucketPolicy = Object.freeze({ perSecond: 2000, burst: 200 })
/** A flood is over when the door has been open for so long. */
const CALM_MS = 10_000

/**
 * Lets new sockets in, within their number, their rate and their pace. Who comes too early waits outside for a moment, unread, and is
 * refused only then: a fleet that comes back together comes in, a few at a time, and who tries again as soon as it is refused spends
 * its time waiting and not ours. Where even more come the door is shut until the next look.
 * measured: eight that wait 20 ms at most came 15 000 times a second while they were refused at once, which took a third of the event
 * loop's time; now they come 400 times a second. What is made of a socket outlives two collections of young objects, whatever
 * becomes of it: ten thousand a second cost a collection of everything, 5 to 10 ms, twice a second; dropped ones cost none.
 * measured: a hundred hostile ones at once kept a client that was in waiting for 3 ms and more (one in ten of its messages in that
 * quarter of a second); let in by threes 1 ms.
 */
export class SocketAdmission {
  readonly #options: SocketAdmissionOptions
  readonly #caps: ConnectionCaps
  readonly #line: WaitingLine<Guest>
  readonly #admitted = new Set<Socket>()
  #cancelLook: Undo | undefined
  /** Of those that could not come in. */
  #knocks = FULL_BUCKET
  #isShut = false
  #shutAt = Number.NEGATIVE_INFINITY
  #closed = false

  constructor(options: SocketAdmissionOptions) {
    this.#options = options
    this.#caps = new ConnectionCaps(options.connections)
    this.#line = new WaitingLine(options.waiting)
  }

  /** Sockets that were let in and are not closed. */
  get admitted(): number {
    return this.#admitted.size
  }

  /** Whether more come than can be spoken to; `now` in monotonic milliseconds. */
  isFlooded(now: number): boolean {
    return now - this.#shutAt < CALM_MS
  }

  /** A socket was dropped while the door was shut. */
  dropped(): void {
    this.#options.onRefused('too-fast')
  }

  /** A socket that has not begun to be read. */
  knock(socket: Socket): void {
    // Whatever else listens: a socket error without a listener would end the process.
    socket.on('error', () => {})
    const now = this.#options.clock.mono()
    this.#letIn(now)
    const address = socket.remoteAddress ?? ''
    const fault = this.#caps.admit(address, now)
    if (fault) this.#keepWaiting({ socket, address, fault }, now)
    else this.#admit(socket, address)
  }

  /** Closes every socket, those that wait included. */
  close(): void {
    this.#closed = true
    this.#cancelLook?.()
    for (const { socket } of this.#line.overdue(Number.POSITIVE_INFINITY)) socket.destroy()
    for (const socket of this.#admitted) socket.destroy()
  }

  #admit(socket: Socket, address: string): void {
    this.#admitted.add(socket)
    socket.once('close', () => {
      this.#admitted.delete(socket)
      this.#caps.release(address)
      if (!this.#closed) this.#letIn(this.#options.clock.mono())
    })
    this.#options.onAdmitted(socket)
  }

  #keepWaiting(guest: Guest, now: number): void {
    const out = this.#line.join(guest.address, guest, now)
    if (out) this.#refuse(out)
    this.#cancelLook ??= this.#options.clock.setTimer(LOOK_MS, () => this.#look())
    this.#knocks = takeToken(this.#knocks, now, KNOCKS)
    if (hasToken(this.#knocks, now, KNOCKS)) return
    this.#shutAt = now
    this.#shut(true)
  }

  #shut(isShut: boolean): void {
    if (this.#isShut === isShut) return
    this.#isShut = isShut
    this.#options.onShut(isShut)
  }

  #look(): void {
    this.#cancelLook = undefined
    this.#shut(false)
    const now = this.#options.clock.mono()
    this.#letIn(now)
    for (const guest of this.#line.overdue(now)) this.#refuse(guest)
    if (this.#line.size === 0) return
    this.#cancelLook = this.#options.clock.setTimer(LOOK_MS, () => this.#look())
  }

  /** Those who wait come before who comes now. */
  #letIn(now: number): void {
    if (this.#line.size === 0) return
    const mayEnter = (address: string) => this.#caps.admit(address, now) === undefined
    for (let next = this.#line.next(mayEnter); next; next = this.#line.next(mayEnter)) {
      this.#admit(next.socket, next.address)
    }
  }

  #refuse({ socket, fault }: Guest): void {
    this.#options.onRefused(fault)
    socket.destroy()
  }
}
