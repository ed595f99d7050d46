import { describe, expect, it } from 'vitest'
import type { DeviceRow } from '../../src/http/feed/messages.js'
import { arrange, countMarks, lossOf, type Query } from '../../src/page/fleet/arrange.js'

const row = (id: string, facts: Partial<DeviceRow> = {}): DeviceRow => ({
  id,
  model: 'climate',
  health: 'healthy',
  circuit: 'closed',
  sync: 'exact',
  online: true,
  lastSeen: 0,
  ttlMs: 60_000,
  cause: null,
  message: '',
  source: 'mqtt:alec/{device}/frame',
  received: 0,
  lost: 0,
  rejected: 0,
  ...facts,
})

const everything: Query = { text: '', marks: new Set(), sort: 'device', descending: false }
const ids = (rows: readonly DeviceRow[], query: Partial<Query> = {}) =>
  arrange(rows, { ...everything, ...query }).map(({ id }) => id)

const fleet = [
  row('d-10', { health: 'degraded', lastSeen: 5, lost: 1, received: 1 }),
  row('d-2', { circuit: 'open', health: 'unhealthy', lastSeen: null }),
  row('d-1', { name: 'Cold Store', sync: 'recovering', lastSeen: 9, lost: 1, received: 9 }),
  row('d-3', { health: 'unknown', online: false, cause: 'silent', sync: 'unknown' }),
]

describe('the fleet is shown', () => {
  it.each([
    ['device', ['d-1', 'd-2', 'd-3', 'd-10']],
    ['health', ['d-2', 'd-10', 'd-3', 'd-1']],
    ['circuit', ['d-2', 'd-1', 'd-3', 'd-10']],
    ['sync', ['d-3', 'd-1', 'd-2', 'd-10']],
    ['seen', ['d-1', 'd-10', 'd-2', 'd-3']],
    ['loss', ['d-10', 'd-1', 'd-2', 'd-3']],
  ] as const)('in the order of %s, the worst or the latest first', (sort, order) => {
    expect(ids(fleet, { sort })).toEqual(order)
  })

  it('the other way round, devices that are the same still by their ids', () => {
    expect(ids(fleet, { descending: true })).toEqual(['d-10', 'd-3', 'd-2', 'd-1'])
    expect(ids(fleet, { sort: 'circuit', descending: true })).toEqual(['d-1', 'd-3', 'd-10', 'd-2'])
  })

  it.each([
    ['COLD store', ['d-1']],
    ['climate 10', ['d-10']],
    ['silent', ['d-3']],
    ['mqtt:', ['d-1', 'd-2', 'd-3', 'd-10']],
    ['nobody', []],
  ])('as far as all words of %j are found', (text, found) => {
    expect(ids(fleet, { text })).toEqual(found)
  })

  it('as far as it has any of the marks', () => {
    expect(ids(fleet, { marks: new Set(['offline', 'circuit-open']) })).toEqual(['d-2', 'd-3'])
    expect(ids(fleet, { marks: new Set(['recovering']), text: 'cold' })).toEqual(['d-1'])
  })
})

it('marks are counted', () => {
  expect(Object.fromEntries(countMarks(fleet))).toEqual({
    unhealthy: 1,
    degraded: 1,
    healthy: 1,
    unknown: 1,
    'circuit-open': 1,
    recovering: 1,
    offline: 1,
  })
})

it('the loss of a device is its share of what should have come', () => {
  expect(lossOf(row('d', { received: 3, lost: 1 }))).toBe(0.25)
  expect(lossOf(row('d'))).toBe(0)
})
