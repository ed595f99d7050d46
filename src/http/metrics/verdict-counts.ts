import type { DeviceEvent, Verdict } from '../../device/index.js'

/**
 * Why frames were rejected or skipped, and readings dropped, counted since the window is there. The reasons are words of
 * the program: few.
 */
export class VerdictCounts {
  readonly #rejected: Record<string, number> = {}
  readonly #skipped: Record<string, number> = {}
  // There from the start: what begins where it is first needed has no increase then, and wakes nobody.
  readonly #dropped: Record<string, number> = { 'journal-full': 0 }

  get rejected(): Readonly<Record<string, number>> {
    return this.#rejected
  }

  get skipped(): Readonly<Record<string, number>> {
    return this.#skipped
  }

  /** Frames whose readings a limit dropped. */
  get dropped(): Readonly<Record<string, number>> {
    return this.#dropped
  }

  /** On the way of every frame: most are decoded, and cost one comparison. */
  count(verdict: Verdict): void {
    if (verdict.kind === 'readings') return
    if (verdict.kind === 'fault') add(this.#rejected, verdict.fault.code)
    else add(this.#skipped, verdict.why)
  }

  note(event: DeviceEvent): void {
    if (event.type === 'readings_dropped') add(this.#dropped, event.reason, event.count)
  }
}

function add(counts: Record<string, number>, reason: string, by = 1): void {
  counts[reason] = (counts[reason] ?? 0) + by
}
