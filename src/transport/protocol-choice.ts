import type { ConnectionEnd } from './broker-port.js'

/** The protocol level of a CONNECT: 4 is MQTT 3.1.1. */
export type ProtocolLevel = 4 | 5

/** So many connections that are closed without an answer are an answer. */
const UNANSWERED = 2
/** Refusals of the level itself: `unacceptable protocol version` in 3.1.1 and 5, or an answer in another form. */
const REFUSALS: ReadonlySet<string> = new Set(['connack-1', 'connack-132', 'protocol-error'])
/** What a broker does that does not even know how to refuse. */
const SILENT: ReadonlySet<string> = new Set(['closed', 'ECONNRESET', 'EPIPE'])

/** Decides in which version of MQTT each address is spoken to: 5, and 3.1.1 where that is refused. */
export class ProtocolChoice {
  readonly #wanted: 'auto' | '5' | '3.1.1'
  readonly #older = new Set<string>()
  /** Addresses where 5 was accepted: silence there has other reasons. */
  readonly #speaks5 = new Set<string>()
  readonly #unanswered = new Map<string, number>()

  constructor(wanted: 'auto' | '5' | '3.1.1') {
    this.#wanted = wanted
  }

  levelFor(url: string): ProtocolLevel {
    if (this.#wanted !== 'auto') return this.#wanted === '5' ? 5 : 4
    return this.#older.has(url) ? 4 : 5
  }

  /** The broker has accepted us. */
  accepted(url: string): void {
    this.#unanswered.delete(url)
    if (this.levelFor(url) === 5) this.#speaks5.add(url)
  }

  /** A connection ended that was never accepted. */
  notAccepted(url: string, { code }: ConnectionEnd): void {
    if (REFUSALS.has(code)) this.#older.add(url)
    // A proxy before a broker that is down accepts connections, and closes them.
    if (!SILENT.has(code) || this.#speaks5.has(url)) return
    const times = (this.#unanswered.get(url) ?? 0) + 1
    this.#unanswered.set(url, times)
    if (times >= UNANSWERED) this.#older.add(url)
  }
}
