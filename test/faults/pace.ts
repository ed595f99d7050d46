const TICK_MS = 20
/** What a machine that is busy elsewhere does not send in time is sent later, but not all at once. */
const MOST_LATE_MS = 500

/** Calls `send` so many times a second, as evenly as timers allow. */
export class Pace {
  readonly #send: () => void
  readonly #perMs: number
  readonly #tickMs: number
  #timer: NodeJS.Timeout | undefined
  #last = 0
  #due = 0

  /** A shorter tick sends fewer at once, where it is the single one that is measured. */
  constructor(perSecond: number, send: () => void, tickMs = TICK_MS) {
    this.#tickMs = tickMs
    this.#perMs = perSecond / 1000
    this.#send = send
  }

  start(): void {
    this.stop()
    this.#last = performance.now()
    this.#timer = setInterval(() => this.#tick(), this.#tickMs)
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #tick(): void {
    const now = performance.now()
    this.#due += Math.min(now - this.#last, MOST_LATE_MS) * this.#perMs
    this.#last = now
    for (; this.#due >= 1; this.#due--) this.#send()
  }
}

export const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms)
  })

/** Resolves to whether `condition` held within the limit. */
export async function within(limitMs: number, condition: () => boolean): Promise<boolean> {
  const end = performance.now() + limitMs
  while (!condition()) {
    if (performance.now() > end) return false
    await pause(10)
  }
  return true
}
