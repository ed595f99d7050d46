/** How often and when something is tried again; delays in milliseconds. */
export type RetryStrategy =
  | { readonly kind: 'none' }
  | { readonly kind: 'fixed'; readonly maxRetries: number; readonly delayMs: number }
  | {
      readonly kind: 'exponential'
      readonly maxRetries: number
      readonly initialDelayMs: number
      readonly maxDelayMs: number
      readonly multiplier: number
    }
  | {
      readonly kind: 'linear'
      readonly maxRetries: number
      readonly initialDelayMs: number
      readonly incrementMs: number
      readonly maxDelayMs: number
    }

export const defaultRetryStrategy: RetryStrategy = Object.freeze({
  kind: 'exponential',
  maxRetries: 5,
  initialDelayMs: 100,
  maxDelayMs: 10_000,
  multiplier: 2,
})

/** How long to wait after failed attempt `n` (0 = the first one), in milliseconds; undefined past the last retry. */
export function delayForAttempt(strategy: RetryStrategy, n: number): number | undefined {
  if (strategy.kind === 'none' || n >= strategy.maxRetries) return undefined
  switch (strategy.kind) {
    case 'fixed':
      return strategy.delayMs
    case 'exponential':
      return Math.min(strategy.initialDelayMs * strategy.multiplier ** n, strategy.maxDelayMs)
    case 'linear':
      return Math.min(strategy.initialDelayMs + strategy.incrementMs * n, strategy.maxDelayMs)
  }
}

/** One attempt's result; an expected failure is a value. */
export type Attempt<T, E> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: E }

/** What a retried operation came to, after how many attempts and milliseconds. */
export type RetryReport<T, E> = { readonly attempts: number; readonly durationMs: number } & (
  | { readonly outcome: 'succeeded'; readonly value: T }
  | { readonly outcome: 'exhausted'; readonly error: E }
  | { readonly outcome: 'aborted'; readonly error?: E }
)

export interface RetryTimer {
  /** Monotonic milliseconds. */
  mono(): number
  /** Calls `fire` once after `delayMs`; the result cancels it. */
  setTimer(delayMs: number, fire: () => void): () => void
}

export interface RetryOptions {
  readonly timer: RetryTimer
  /** Ends the waiting at once; an attempt that is under way is handed the signal and awaited. */
  readonly signal?: AbortSignal
  /** Spreads the delays by up to this share of themselves, both ways, by a draw from 0…1. */
  readonly jitter?: { readonly ratio: number; random(): number }
}

/**
 * Attempts an operation until it succeeds, the strategy is exhausted or the signal aborts. An operation
 * that throws is broken, not failing: that ends the attempts and is passed on.
 */
export async function withRetry<T, E>(
  operation: (attempt: number, signal: AbortSignal | undefined) => Promise<Attempt<T, E>>,
  strategy: RetryStrategy,
  options: RetryOptions,
): Promise<RetryReport<T, E>> {
  const { timer, signal, jitter } = options
  const start = timer.mono()
  const after = (attempts: number) => ({ attempts, durationMs: timer.mono() - start })
  if (signal?.aborted) return { outcome: 'aborted', ...after(0) }

  for (let attempt = 0; ; attempt++) {
    const result = await operation(attempt, signal)
    const report = after(attempt + 1)
    if (result.ok) return { outcome: 'succeeded', value: result.value, ...report }
    const { error } = result
    if (signal?.aborted) return { outcome: 'aborted', error, ...report }

    const delay = delayForAttempt(strategy, attempt)
    if (delay === undefined) return { outcome: 'exhausted', error, ...report }
    const spread = jitter ? 1 + jitter.ratio * (2 * jitter.random() - 1) : 1
    await pause(delay * spread, timer, signal)
    if (signal?.aborted) return { outcome: 'aborted', error, ...after(attempt + 1) }
  }
}

/** Waits, but not past an abort. */
function pause(delayMs: number, timer: RetryTimer, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      cancel()
      signal?.removeEventListener('abort', end)
      resolve()
    }
    const cancel = timer.setTimer(delayMs, end)
    signal?.addEventListener('abort', end, { once: true })
  })
}
