import { describe, expect, it } from 'vitest'
import { tapLine } from '../../src/commands/tap-words.js'

const TS = '2026-01-01T00:00:00.000Z'
const readings = (document: object) =>
  tapLine(TS, { kind: 'readings', device: 'shed', document: { epoch: 0, seq: 3, ...document } })

describe('a line of a tap', () => {
  it('has values with their bounds, and says which are none', () => {
    const line = readings({
      quality: 'uncertain',
      temperature: 21.4,
      wind: null,
      uncertain: { humidity: { value: 48, bound: 0.5 }, rain: { value: null, bound: null } },
      invalid: { wind: 'NaN' },
      integrity: 'none',
    })
    expect(line).toBe(
      `${TS}  shed  readings  0/3 uncertain  temperature=21.4  humidity=48 ±0.5 (uncertain)  rain=unknown (uncertain)  wind=NaN (invalid)  integrity=none\n`,
    )
  })

  it('has what an event says', () => {
    const document = { ts: TS, type: 'gap', severity: 'warning', lost: 2, cause: 'line_noise' }
    expect(tapLine(TS, { kind: 'event', device: 'shed', document })).toBe(
      `${TS}  shed  event     warning gap lost=2 cause=line_noise\n`,
    )
  })

  it('cannot steer the terminal, whoever wrote it', () => {
    const line = readings({ quality: '\u001b]0;x\u0007\u009b2J\n\u202e' })
    expect(line).toBe(`${TS}  shed  readings  0/3 ?]0;x??2J??\n`)
    const device = '\u001b[2J'
    expect(tapLine(TS, { kind: 'frame', device, hex: 'a1' })).toBe(`${TS}  ?[2J  frame     a1\n`)
  })
})
