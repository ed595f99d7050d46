import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import {
  type Attempt,
  delayForAttempt,
  type RetryStrategy,
  withRetry,
} from '../../src/resilience/index.js'
import { ManualClock } from '../support/manual-clock.js'

const fixed: RetryStrategy = { kind: 'fixed', maxRetries: 3, delayMs: 100 }

describe('the delay after a failed attempt', () => {
  it.each<[string, RetryStrategy, (number | undefined)[]]>([
    ['none', { kind: 'none' }, [undefined, undefined]],
    ['fixed', { kind: 'fixed', maxRetries: 2, delayMs: 50 }, [50, 50, undefined]],
    [
      'exponential',
      {
        kind: 'exponential',
        maxRetries: 5,
        initialDelayMs: 100,
        maxDelayMs: 1000,
        multiplier: 2.5,
      },
      [100, 250, 625, 1000, 1000, undefined, undefined],
    ],
    [
      'linear',
      { kind: 'linear', maxRetries: 4, initialDelayMs: 100, incrementMs: 150, maxDelayMs: 300 },
      [100, 250, 300, 300, undefined],
    ],
  ])('%s', (_name, strategy, delays) => {
    expect(delays.map((_, n) => delayForAttempt(strategy, n))).toEqual(delays)
  })

  it('stays at its maximum where the power overflows', () => {
    const strategy: RetryStrategy = {
      kind: 'exponential',
      maxRetries: 1e6,
      initialDelayMs: 1,
      maxDelayMs: 7,
      multiplier: 10,
    }
    expect(delayForAttempt(strategy, 99_999)).toBe(7)
  })
})

/** Lets all settled promises run on. */
const settle = async () => {
  for (let i = 0; i < 10; i++) await Promise.resolve()
}

/** Fails `failures` times, then succeeds; remembers when it was called. */
function flaky(clock: ManualClock, failures: number, tookMs = 0) {
  const calls: number[] = []
  const operation = async (attempt: number): Promise<Attempt<string, string>> => {
    calls.push(clock.mono())
    clock.advance(tookMs)
    return attempt < failures
      ? { ok: false, error: `failure ${attempt}` }
      : { ok: true, value: 'done' }
  }
  return { calls, operation }
}

describe('withRetry', () => {
  it('reports the success of the first attempt', async () => {
    const clock = new ManualClock()
    const { operation } = flaky(clock, 0, 7)
    expect(await withRetry(operation, fixed, { timer: clock })).toEqual({
      outcome: 'succeeded',
      value: 'done',
      attempts: 1,
      durationMs: 7,
    })
    expect(clock.pending).toBe(0)
  })

  it('tries again after each delay and reports attempts and total duration', async () => {
    const clock = new ManualClock()
    const { operation, calls } = flaky(clock, 2, 5)
    const report = withRetry(operation, fixed, { timer: clock })
    for (let i = 0; i < 2; i++) {
      await settle()
      clock.advance(100)
    }
    expect(await report).toEqual({
      outcome: 'succeeded',
      value: 'done',
      attempts: 3,
      durationMs: 215,
    })
    expect(calls).toEqual([0, 105, 210])
  })

  it('gives up past the last retry with the last error', async () => {
    const clock = new ManualClock()
    const report = withRetry(flaky(clock, 99).operation, fixed, { timer: clock })
    for (let i = 0; i < 3; i++) {
      await settle()
      clock.advance(100)
    }
    expect(await report).toEqual({
      outcome: 'exhausted',
      error: 'failure 3',
      attempts: 4,
      durationMs: 300,
    })
  })

  it('does not retry where the strategy is none', async () => {
    const clock = new ManualClock()
    const report = await withRetry(flaky(clock, 1).operation, { kind: 'none' }, { timer: clock })
    expect(report).toMatchObject({ outcome: 'exhausted', attempts: 1 })
  })

  it.each([
    [0, 80],
    [0.5, 100],
    [1, 120],
  ])('spreads a delay of 100 ms by a draw of %d to %d ms', async (draw, wait) => {
    const clock = new ManualClock()
    const { operation, calls } = flaky(clock, 1)
    const jitter = { ratio: 0.2, random: () => draw }
    const report = withRetry(operation, fixed, { timer: clock, jitter })
    await settle()
    clock.advance(wait - 1)
    await settle()
    expect(calls).toHaveLength(1)
    clock.advance(1)
    expect((await report).attempts).toBe(2)
  })

  it('makes no attempt where it was aborted before', async () => {
    const clock = new ManualClock()
    const { operation, calls } = flaky(clock, 0)
    const report = await withRetry(operation, fixed, { timer: clock, signal: AbortSignal.abort() })
    expect(report).toEqual({ outcome: 'aborted', attempts: 0, durationMs: 0 })
    expect(calls).toEqual([])
  })

  it('stops waiting at once when aborted and leaves no timer', async () => {
    const clock = new ManualClock()
    const abort = new AbortController()
    const report = withRetry(flaky(clock, 99).operation, fixed, {
      timer: clock,
      signal: abort.signal,
    })
    await settle()
    clock.advance(40)
    abort.abort()
    expect(await report).toEqual({
      outcome: 'aborted',
      error: 'failure 0',
      attempts: 1,
      durationMs: 40,
    })
    expect(clock.pending).toBe(0)
  })

  it('listens to the signal only while it waits: a signal may outlive many retries', async () => {
    const clock = new ManualClock()
    const { signal } = new AbortController()
    const report = withRetry(flaky(clock, 1).operation, fixed, { timer: clock, signal })
    await settle()
    expect(getEventListeners(signal, 'abort')).toHaveLength(1)
    clock.advance(100)
    await report
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })

  it('hands the signal to the operation and awaits an attempt that is under way', async () => {
    const clock = new ManualClock()
    const abort = new AbortController()
    const operation = async (
      _attempt: number,
      signal: AbortSignal | undefined,
    ): Promise<Attempt<string, string>> => {
      abort.abort()
      return signal?.aborted ? { ok: false, error: 'cut short' } : { ok: true, value: 'unaware' }
    }
    const report = await withRetry(operation, fixed, { timer: clock, signal: abort.signal })
    expect(report).toEqual({ outcome: 'aborted', error: 'cut short', attempts: 1, durationMs: 0 })
  })

  it('keeps the success of an attempt that finished in spite of the abort', async () => {
    const clock = new ManualClock()
    const abort = new AbortController()
    const operation = async (): Promise<Attempt<string, string>> => {
      abort.abort()
      return { ok: true, value: 'done' }
    }
    const report = await withRetry(operation, fixed, { timer: clock, signal: abort.signal })
    expect(report.outcome).toBe('succeeded')
  })

  it('passes on what an operation throws and does not try again', async () => {
    const clock = new ManualClock()
    let calls = 0
    const operation = async (): Promise<Attempt<string, string>> => {
      calls++
      throw new TypeError('a bug')
    }
    await expect(withRetry(operation, fixed, { timer: clock })).rejects.toThrow('a bug')
    expect(calls).toBe(1)
  })
})
