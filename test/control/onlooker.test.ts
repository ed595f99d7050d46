import { expect, it } from 'vitest'
import { type Onlooker, shielded } from '../../src/control/index.js'
import { heardLog } from '../http/heard-log.js'

it('an onlooker that fails is heard of once, and disturbs nobody', () => {
  const log = heardLog()
  const seen: string[] = []
  const onlooker: Onlooker = {
    onVerdict() {
      throw new Error('blind')
    },
    onEvent: () => void seen.push('event'),
    onReport: () => void seen.push('report'),
  }
  const shield = shielded(onlooker, log)
  const report = { status: 'healthy', checks: [] } as const
  shield.onReport(report, 'normal', new Map())
  const nothing = undefined as never
  shield.onVerdict(nothing, nothing)
  shield.onVerdict(nothing, nothing)
  shield.onEvent(nothing, nothing)
  shield.onReport(report, 'normal', new Map())
  expect(seen).toEqual(['report'])
  expect(log.lines).toHaveLength(1)
  expect(log.lines[0]).toMatch(/^error the window failed unexpectedly/)
})
