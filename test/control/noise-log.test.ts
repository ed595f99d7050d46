import { describe, expect, it } from 'vitest'
import { NoiseLog } from '../../src/control/noise-log.js'
import { ManualClock } from '../support/manual-clock.js'

/** Looks at these doors once a second for `seconds`; the lines of the log, with the second they came in. */
function watched(seconds: number, doorsAt: (second: number) => { id: string; noise?: string }[]) {
  const clock = new ManualClock()
  const lines: string[] = []
  const warn = (facts: object, message: string) =>
    void lines.push(`${clock.mono() / 1000} ${(facts as { source: string }).source}: ${message}`)
  const silent = () => expect.unreachable('noise is a warning')
  const noiseLog = new NoiseLog({ debug: silent, info: silent, warn, error: silent }, clock)
  for (let second = 0; second < seconds; second++) {
    noiseLog.look(doorsAt(second))
    clock.advance(1000)
  }
  return lines
}

describe('the log of noisy lines', () => {
  it('F-04: has one line per 60 s for each of them, whatever they say', () => {
    const lines = watched(150, (second) => [
      { id: 'a', noise: `${second} %` },
      { id: 'b' },
      { id: 'c', noise: 'no_valid_frames' },
    ])
    expect(lines).toEqual([
      '0 a: 0 %',
      '0 c: no_valid_frames',
      '60 a: 60 %',
      '60 c: no_valid_frames',
      '120 a: 120 %',
      '120 c: no_valid_frames',
    ])
  })

  it('has no more lines where the noise comes and goes', () => {
    const lines = watched(60, (second) => (second % 2 ? [{ id: 'a' }] : [{ id: 'a', noise: 'x' }]))
    expect(lines).toEqual(['0 a: x'])
  })
})
