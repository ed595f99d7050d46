import { describe, expect, it } from 'vitest'
import { StandardEncoder } from '../../src/alec/index.js'
import { toHex, vectors } from '../support/vectors.js'

const CO2 = 3
/** In these frames, one after the other, the device left the CO₂ channel out. */
const LEFT_OUT = [13, 14, 15] as const
const UNTIL = 24

const [vector] = vectors.standardAdaptiveMulti()
const rows = vector!.rows.slice(0, UNTIL)

/** The frames of a device whose CO₂ sensor read something else from the first left-out frame on. */
function framesWith(change: (row: number) => number): string[] {
  const encoder = new StandardEncoder({})
  return rows.map(({ values, frame }, row) => {
    const timestampMs = Number.parseInt(frame.slice(6, 14), 16) * 1000
    const entries = values.map((value, nameId) => ({
      nameId,
      value: nameId === CO2 ? value + change(row) : value,
    }))
    return toHex(encoder.encodeAdaptiveMulti(entries, { timestampMs }))
  })
}

describe('adaptive multi frames', () => {
  const sent = rows.map(({ frame }) => frame)

  it('can be the same to the byte for different measurements, so that no receiver can tell them apart', () => {
    expect(framesWith(() => 0)).toEqual(sent)
    const others: string[] = []
    for (let first = -5; first <= 5; first++) {
      for (let second = -5; second <= 5; second++) {
        for (let third = -5; third <= 5; third++) {
          // A shift of the average by a whole number of steps goes on for ever: every later delta is the same.
          const shift = Math.round(0.147 * first + 0.21 * second + 0.3 * third)
          if (shift === 0) continue
          const changes = [first, second, third]
          const frames = framesWith((row) => (row < 13 ? 0 : (changes[row - LEFT_OUT[0]] ?? shift)))
          if (frames.join() === sent.join()) others.push(`${changes}, then ${shift}`)
        }
      }
    }
    expect(others.length).toBeGreaterThan(0)
  })
})
