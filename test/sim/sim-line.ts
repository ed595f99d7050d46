import type { Random } from '../../firmware-sim/index.js'
import type { ByteLine, LineDoor, LineHandlers } from '../../src/transport/line-door.js'
import type { Agenda } from './agenda.js'
import type { ClientSide } from './sim-connection.js'

export interface SimLineOptions {
  readonly address: string
  readonly agenda: Agenda
  readonly random: Random
  readonly baudRate: number
  /** Bytes that the bridge writes. */
  readonly onWritten: (bytes: Uint8Array) => void
}

const BITS_PER_BYTE = 10
const LONGEST_OPENING_MS = 20
/** More than a USB bridge hands over at once. */
const LONGEST_CHUNK = 62

interface Opening {
  readonly client: ClientSide
  readonly handlers: LineHandlers
  /** Given up before it was open. */
  abandoned: boolean
}

const closedByUs = { code: 'stopped', reason: 'closed by us' }

/** A serial port with a cable in it: bytes take their time, come in pieces, and are lost where nobody has opened it. */
export class SimLine {
  readonly #options: SimLineOptions
  /** Apart: how often the port is opened must not move what comes by it. */
  readonly #openings: Random
  readonly #chunks: Random
  /** Of whoever has asked for it and was not answered. */
  readonly #opening = new Set<Opening>()
  #open: Opening | undefined
  #plugged = true
  #freeAt = 0

  constructor(options: SimLineOptions) {
    this.#options = options
    this.#openings = options.random.fork('openings')
    this.#chunks = options.random.fork('chunks')
  }

  /** For a process; the port is exclusive: a second one is told so. */
  door(client: ClientSide): LineDoor {
    const { address, agenda } = this.#options
    return {
      address,
      open: (handlers) => {
        const opening: Opening = { client, handlers, abandoned: false }
        this.#opening.add(opening)
        agenda.after(this.#openings.next() * LONGEST_OPENING_MS, () => this.#settle(opening))
        return this.#line(opening)
      },
    }
  }

  /** A device puts bytes on the wire; `onArrived` comes with each piece that is handed to whoever has the port open. */
  carry(bytes: Uint8Array, onArrived: () => void): void {
    const { agenda, baudRate } = this.#options
    const byteMs = (BITS_PER_BYTE * 1000) / baudRate
    this.#freeAt = Math.max(this.#freeAt, agenda.now)
    for (let from = 0; from < bytes.length; ) {
      const chunk = bytes.slice(from, from + 1 + this.#chunks.below(LONGEST_CHUNK))
      from += chunk.length
      this.#freeAt += chunk.length * byteMs
      agenda.at(this.#freeAt, () => this.#arrive(chunk, onArrived))
    }
  }

  unplug(): void {
    this.#plugged = false
    this.#end({ code: 'disconnected', reason: 'unplugged' })
  }

  plugIn(): void {
    this.#plugged = true
  }

  /** The process that had it open, or was about to, is dead. */
  orphan(): void {
    this.#open = undefined
    for (const opening of this.#opening) opening.abandoned = true
  }

  #settle(opening: Opening): void {
    const { client, handlers } = opening
    this.#opening.delete(opening)
    if (opening.abandoned) {
      client.enter(() => handlers.onClosed(closedByUs))
    } else if (!this.#plugged) {
      client.enter(() => handlers.onClosed({ code: 'ENOENT', reason: 'no such port' }))
    } else if (this.#open) {
      client.enter(() => handlers.onClosed({ code: 'EAGAIN', reason: 'another has it' }))
    } else {
      this.#open = opening
      client.enter(() => handlers.onOpened())
    }
  }

  #line(opening: Opening): ByteLine {
    const { agenda, onWritten } = this.#options
    return {
      backlog: 0,
      write: (bytes, onTaken) => {
        if (this.#open !== opening) return false
        const copy = bytes.slice()
        agenda.after(1, () => {
          onWritten(copy)
          if (onTaken) opening.client.enter(onTaken)
        })
        return true
      },
      close: () => {
        opening.abandoned = true
        if (this.#open === opening) this.#end(closedByUs)
      },
    }
  }

  #end(end: { code: string; reason: string }): void {
    const open = this.#open
    this.#open = undefined
    if (!open) return
    this.#options.agenda.after(1, () => open.client.enter(() => open.handlers.onClosed(end)))
  }

  #arrive(chunk: Uint8Array, onArrived: () => void): void {
    const open = this.#open
    if (!this.#plugged || !open) return
    open.client.enter(() => {
      if (this.#open !== open) return
      onArrived()
      open.handlers.onData(chunk)
    })
  }
}
