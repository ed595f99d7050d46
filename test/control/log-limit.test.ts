import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  defaultLogLimitPolicy,
  LogLimit,
  type LogLine,
  type LogLineLevel,
} from '../../src/control/index.js'

const line = (message: string, level: LogLineLevel = 'info', facts: object = {}): LogLine => ({
  level,
  facts,
  message,
  wall: 0,
})

/** What is written at each of these times, in milliseconds. */
function written(...said: (readonly [at: number, LogLine])[]) {
  const limit = new LogLimit()
  const lines = said.flatMap(([at, one]) => [...limit.due(at), limit.offer(one, at) ?? []].flat())
  return { lines, limit }
}
const many = (count: number, of: (index: number) => LogLine, at = 0) =>
  Array.from({ length: count }, (_, index) => [at, of(index)] as const)

describe('LogLimit', () => {
  it('F-54: lets no more than twenty lines pass in any second, whatever is said when', () => {
    const levels = fc.constantFrom<LogLineLevel>('debug', 'info', 'warn', 'error')
    const steps = fc.tuple(
      fc.integer({ min: 0, max: 400 }),
      levels,
      fc.integer({ max: 40, min: 0 }),
    )
    fc.assert(
      fc.property(fc.array(steps, { maxLength: 300 }), (said) => {
        const limit = new LogLimit()
        const times: number[] = []
        let now = 0
        for (const [pause, level, what] of said) {
          now += pause
          for (const _ of limit.due(now)) times.push(now)
          if (limit.offer(line(`m${what}`, level), now)) times.push(now)
        }
        times.forEach((at, index) => {
          const before = times[index - defaultLogLimitPolicy.perSecond]
          if (before !== undefined) expect(at - before).toBeGreaterThanOrEqual(1000)
        })
      }),
    )
  })

  it('F-54: loses no line without counting it', () => {
    const saying = fc.tuple(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 600 }))
    fc.assert(
      fc.property(fc.array(saying, { maxLength: 1000 }), (said) => {
        const limit = new LogLimit()
        const lines: LogLine[] = []
        let now = 0
        for (const [pause, what] of said) {
          now += pause
          lines.push(...limit.due(now))
          const one = limit.offer(line(`m${what}`), now)
          if (one) lines.push(one)
        }
        while (limit.holds) {
          now += 1000
          lines.push(...limit.due(now))
        }
        // What the last line could not say any more comes with the next one.
        lines.push(...[limit.offer(line('after all', 'fatal'), now)].flatMap((one) => one ?? []))
        const told = lines.map(({ facts }) => {
          const { repeats = 0, unwritten = 0 } = facts as { repeats?: number; unwritten?: number }
          return 1 + repeats + unwritten
        })
        expect(told.reduce((sum, count) => sum + count, 0)).toBe(said.length + 1)
      }),
    )
  })

  it('F-54: keeps a quarter of them for errors', () => {
    const { lines, limit } = written(...many(100, (index) => line(`m${index}`)))
    expect(lines).toHaveLength(15)
    expect(limit.offer(line('broken', 'error'), 0)?.message).toBe('broken')
  })

  it('F-54: writes what was held when there is room, errors first', () => {
    const { lines, limit } = written(
      ...many(15, (index) => line(`m${index}`)),
      [0, line('late')],
      ...many(6, (index) => line(`e${index}`, 'error')),
    )
    expect(lines).toHaveLength(20)
    expect(limit.due(999)).toEqual([])
    expect(limit.due(1000).map(({ message }) => message)).toEqual(['e5', 'late'])
    expect(limit.holds).toBe(false)
  })

  it('F-54: takes lines that differ in numbers alone for repeats: five at once, then one each ten seconds', () => {
    const tries = many(100, (index) => line('away', 'warn', { attempts: index }))
    const { lines, limit } = written(...tries)
    expect(lines).toHaveLength(5)
    expect(limit.due(9_999)).toEqual([])
    expect(limit.due(10_000)).toEqual([line('away', 'warn', { attempts: 99, repeats: 94 })])
  })

  it('does not take lines about two things for repeats of each other', () => {
    const { lines } = written(
      ...many(10, (index) => line('away', 'warn', { source: `port ${index}` })),
    )
    expect(lines).toHaveLength(10)
  })

  it('always writes the last word on a matter', () => {
    const flaps = Array.from({ length: 40 }, (_, index) => {
      return [index * 100, line(index % 2 === 0 ? 'away' : 'open')] as const
    })
    const { lines, limit } = written(...flaps)
    const all = [...lines, ...limit.due(60_000)]
    expect(all.slice(-2).map(({ message }) => message)).toEqual(['away', 'open'])
    expect(all).toHaveLength(12)
  })

  it('counts what it forgets where more is held than it tells apart', () => {
    const { lines, limit } = written(...many(1015, (index) => line(`m${index}`)))
    expect(lines).toHaveLength(15)
    expect(limit.due(1000)[0]?.facts).toEqual({ unwritten: 800 })
  })

  it('gives out at the end as much as one second may have', () => {
    const { limit } = written(...many(100, (index) => line(`m${index}`)))
    const rest = limit.rest(0)
    expect(rest).toHaveLength(20)
    expect(rest[0]?.facts).toEqual({ unwritten: 65 })
    expect(limit.holds).toBe(false)
  })

  it('never holds back what the process says last', () => {
    const { limit } = written(...many(30, (index) => line(`e${index}`, 'error')))
    expect(limit.offer(line('uncaught', 'fatal'), 0)?.message).toBe('uncaught')
  })
})
