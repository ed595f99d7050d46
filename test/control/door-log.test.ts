import { describe, expect, it } from 'vitest'
import { DoorLog } from '../../src/control/index.js'
import type { SourceState } from '../../src/transport/index.js'

const OPENING: SourceState = { kind: 'opening' }
const OPEN: SourceState = { kind: 'open', since: 0 }
const away = (attempts: number, reason = 'nobody there'): SourceState => ({
  kind: 'away',
  since: 0,
  code: 'ENOENT',
  reason,
  attempts,
})

/** A door log that remembers its lines, and how often there was news. */
function doorLog() {
  const lines: [level: string, facts: object, message: string][] = []
  const at = (level: string) => (facts: object, message: string) =>
    void lines.push([level, facts, message])
  const log = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
  const counts = { news: 0 }
  return { doors: new DoorLog(log, () => counts.news++), lines, counts }
}

/** What is logged of the states of one door, and how often it is news. */
function written(...states: SourceState[]) {
  const { doors, lines, counts } = doorLog()
  for (const state of states) doors.write('source', 'serial:/dev/x', state)
  return { lines, news: counts.news }
}

describe('DoorLog', () => {
  it('says what a door does, and warns where it is away', () => {
    const door = { source: 'serial:/dev/x' }
    expect(written(OPENING, OPEN, away(1)).lines).toEqual([
      ['info', { ...door, kind: 'opening' }, 'source opening'],
      ['info', { ...door, kind: 'open' }, 'source open'],
      [
        'warn',
        { ...door, kind: 'away', code: 'ENOENT', reason: 'nobody there', attempts: 1 },
        'source away',
      ],
    ])
  })

  it('says nothing of a further try that fails the same way', () => {
    expect(written(away(1), away(2), away(3))).toMatchObject({ lines: { length: 1 }, news: 1 })
  })

  it('says it again where it fails in another way, or after it was open', () => {
    expect(written(away(1), away(2, 'busy'), OPEN, away(1, 'busy'))).toMatchObject({
      lines: { length: 4 },
      news: 4,
    })
  })

  it('tells doors of one name apart by what they are', () => {
    const { doors, lines } = doorLog()
    doors.write('source', 'x', OPEN)
    doors.write('broker', 'x', OPEN)
    expect(lines.map(([, , message]) => message)).toEqual(['source open', 'broker open'])
  })

  it('F-26: says that a broker has forgotten us, until we go ourselves', () => {
    const { doors, lines, counts } = doorLog()
    let tell: (state: SourceState) => void = () => {}
    const undo = doors.watchSession({
      address: 'mqtt://b',
      onState(listener) {
        tell = listener
        return () => {
          tell = () => {}
        }
      },
    })
    tell(OPENING)
    tell(OPEN)
    tell(away(1))
    expect(lines).toEqual([])
    tell({ ...OPEN, sessionLost: true })
    const said = ['warn', { broker: 'mqtt://b', code: 'session_lost' }]
    expect(lines).toEqual([[...said, 'the broker has forgotten us: frames may be missing']])
    expect(counts.news).toBe(1)
    doors.close()
    tell({ ...OPEN, sessionLost: true })
    undo()
    expect(lines.length).toBe(1)
  })
})
