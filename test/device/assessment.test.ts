import { describe, expect, it } from 'vitest'
import { assess, type DeviceFacts } from '../../src/device/assessment.js'

const well: DeviceFacts = {
  heard: true,
  silenceMs: 0,
  ttlMs: 60_000,
  intervalMs: 10_000,
  linkUp: true,
  lineNoisy: false,
  circuit: 'closed',
  internalError: false,
  flooding: false,
  poisoned: false,
  clockSynced: true,
  hasKeyframes: true,
  lossRatio: 0,
  misshapen: false,
  falseDeclaration: undefined,
  recovery: undefined,
}

describe('the assessment of a device', () => {
  it('F-47: is degraded while the clock of the machine is not set, and names that', () => {
    expect(assess(well).health).toBe('healthy')
    const { health, cause, message } = assess({ ...well, clockSynced: false })
    expect([health, cause]).toEqual(['degraded', 'clock-unsynced'])
    expect(message).toContain('times are wrong')
  })

  const silent = [
    { name: 'late', facts: { ...well, silenceMs: 61_000 } },
    { name: 'broken', facts: { ...well, silenceMs: 101_000 } },
    { name: 'on a noisy line', facts: { ...well, silenceMs: 61_000, lineNoisy: true } },
    { name: 'behind a port that is away', facts: { ...well, silenceMs: 61_000, linkUp: false } },
  ]
  for (const { name, facts } of silent) {
    it(`says the same for as long as a device is silent: ${name}`, () => {
      expect(assess(facts).message).toMatch(/^silent for more than/)
      const later = assess({ ...facts, silenceMs: facts.silenceMs + 20_000 })
      expect(later).toEqual(assess(facts))
    })
  }
})
