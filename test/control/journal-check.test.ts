import { describe, expect, it } from 'vitest'
import { journalCheck } from '../../src/control/journal-check.js'
import { overflowPolicy } from '../../src/control/overflow.js'

describe('F-41: how the journal is', () => {
  const working = { state: { kind: 'working' }, bytes: 1000 } as const

  it.each([
    [0.799, 1, 'healthy'],
    [0.8, 1, 'degraded'],
    [0.999, 1, 'degraded'],
    [1, 1, 'unhealthy'],
    [1, 0, 'healthy'],
  ])('where %d of its room is used, and %i entries wait: %s', (fill, waiting, status) => {
    expect(journalCheck({ ...working, fill }, waiting, 0).status).toBe(status)
  })

  it('F-42: is unhealthy while it cannot be written, with the reason', () => {
    const state = { kind: 'failing', code: 'ENOSPC', reason: 'no space left' } as const
    expect(journalCheck({ state, fill: 0, bytes: 0 }, 0, 0)).toMatchObject({
      component: 'journal',
      status: 'unhealthy',
      message: expect.stringMatching(/^no space left \(ENOSPC\): .*in memory only/),
    })
  })
})

describe('F-41: where the journal is full', () => {
  const of = (...about: Parameters<typeof overflowPolicy>) => {
    const { blocksInputs, dropsOldest, refusesNewest } = overflowPolicy(...about)
    return [blocksInputs && 'block', dropsOldest && 'oldest', refusesNewest && 'newest'].filter(
      (what) => what !== false,
    )
  }
  const [lines, mqtt, both] = [
    { lines: true, mqtt: false },
    { lines: false, mqtt: true },
    { lines: true, mqtt: true },
  ]

  it('brokers keep what comes, and lines lose their oldest readings, unless somebody chose', () => {
    expect([of(undefined, mqtt), of(undefined, lines), of(undefined, both)]).toEqual([
      ['block'],
      ['oldest'],
      ['block', 'oldest'],
    ])
    expect([of('block', mqtt), of('block', lines)]).toEqual([['block'], ['newest']])
    for (const doors of [lines, mqtt, both]) {
      expect(of('drop-oldest', doors)).toEqual(['oldest'])
      expect(of('drop-newest', doors)).toEqual(['newest'])
      expect(of('thin', doors)).toEqual(['oldest'])
    }
  })
})
