import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks'
import { getHeapStatistics } from 'node:v8'
import type { Gauge } from './control/index.js'

const NANOSECONDS_PER_MS = 1e6

/** How this process is: its heap, and how long its event loop was held up. */
export class ProcessGauge implements Gauge {
  readonly #delays: IntervalHistogram = monitorEventLoopDelay({ resolution: 20 })

  start(): void {
    this.#delays.enable()
  }

  stop(): void {
    this.#delays.disable()
  }

  /** The longest hold-up since this was asked last. */
  loopLagMs(): number {
    const longest = this.#delays.max / NANOSECONDS_PER_MS
    const had = this.#delays.count > 0
    this.#delays.reset()
    return had ? longest : 0
  }

  memory(): { used: number; limit: number } {
    const { used_heap_size, heap_size_limit } = getHeapStatistics()
    return { used: used_heap_size, limit: heap_size_limit }
  }
}
