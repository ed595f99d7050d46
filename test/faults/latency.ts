import type { Observer } from '../transport/observer.js'
import type { MeasuredNode } from './measured-node.js'

/** Measures how long it takes from a node's frame to the consumer's reading of it, in milliseconds. */
export class Stopwatch {
  readonly #sentAt = new Map<string, number[]>()
  readonly #arrivals = new Map<string, number>()
  #times: number[] = []

  constructor(nodes: readonly MeasuredNode[], consumer: Observer) {
    for (const { id } of nodes) this.#sentAt.set(`alec/${id}/readings`, [])
    consumer.client.on('message', (topic, payload) => {
      const sent = this.#sentAt.get(topic)
      if (!sent) return
      // The number of a frame is its place; parsing it all would take longer than what is measured.
      const seq = Number(/"seq":(\d+)/.exec(payload.toString())?.[1])
      const at = sent[seq]
      if (at === undefined || seq < (this.#arrivals.get(topic) ?? 0)) return
      this.#arrivals.set(topic, seq + 1)
      this.#times.push(performance.now() - at)
    })
  }

  /** The node is about to send its next frame. */
  leaving(node: MeasuredNode): void {
    const sent = this.#sentAt.get(`alec/${node.id}/readings`)
    if (!sent) return
    sent[node.measured.length] = performance.now()
  }

  /** What was measured since this was asked last. */
  take(): readonly number[] {
    const times = this.#times
    this.#times = []
    return times
  }
}
