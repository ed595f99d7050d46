import { Pace } from '../../test/faults/pace.js'
import type { BenchNode } from './bench-node.js'
import { RawLink } from './raw-link.js'

/** Messages under way, from the first broker to the last subscriber: enough that nobody waits for us. */
const WINDOW = 4000
/** Written in one piece. */
const BATCH = 250

/** What the sent messages are answered by, one for one. */
export interface LoopOptions {
  readonly url: string
  readonly nodes: readonly BenchNode[]
  readonly qos: 0 | 1
  /** What counts as an answer. */
  readonly filter: string
  /** Messages a second; absent: as many as are answered. */
  readonly rate?: number | undefined
}

/** Sends at a rate, or as fast as it is answered with a window under way, so that nobody has to drop anything. */
export class ClosedLoop {
  readonly #options: LoopOptions
  readonly #sender: RawLink
  readonly #receiver: RawLink
  readonly #pace: Pace | undefined
  #sent = 0
  #running = false
  #turn = 0
  #onQuiet = () => {}

  private constructor(options: LoopOptions, sender: RawLink, receiver: RawLink) {
    this.#options = options
    this.#sender = sender
    this.#receiver = receiver
    const { rate } = options
    this.#pace = rate === undefined ? undefined : new Pace(rate, () => this.#send(1), 1)
  }

  static async open(options: LoopOptions): Promise<ClosedLoop> {
    const { url, qos, filter } = options
    const receiver = await RawLink.open(url, 'bench-receiver', { filter, qos })
    const loop = new ClosedLoop(options, await RawLink.open(url, 'bench-sender'), receiver)
    receiver.onMessages = () => loop.#more()
    return loop
  }

  get sent(): number {
    return this.#sent
  }

  get received(): number {
    return this.#receiver.received
  }

  start(): void {
    this.#running = true
    this.#pace?.start()
    this.#more()
  }

  /** Stops sending; resolves to how many answers are missing after the limit. */
  async stop(limitMs: number): Promise<number> {
    this.#running = false
    this.#pace?.stop()
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, limitMs)
      this.#onQuiet = () => {
        if (this.#sent > this.received) return
        clearTimeout(timer)
        resolve()
      }
      this.#onQuiet()
    })
    return this.#sent - this.received
  }

  close(): void {
    this.#sender.close()
    this.#receiver.close()
  }

  #more(): void {
    if (!this.#running) {
      this.#onQuiet()
      return
    }
    if (this.#pace) return
    while (this.#sent - this.received <= WINDOW - BATCH) this.#send(BATCH)
  }

  #send(count: number): void {
    const messages = Array.from({ length: count }, () => this.#next())
    this.#sender.send(messages, this.#options.qos)
    this.#sent += count
  }

  #next(): { readonly topic: string; readonly payload: Uint8Array } {
    const { nodes } = this.#options
    const node = nodes[this.#turn++ % nodes.length]
    if (!node) throw new RangeError('there are no nodes')
    return { topic: node.topic, payload: node.next() }
  }
}
