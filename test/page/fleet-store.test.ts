import { expect, it } from 'vitest'
import type { DeviceRow } from '../../src/http/feed/messages.js'
import { FleetStore } from '../../src/page/store/fleet-store.js'

const row = (id: string, received = 0) => ({ id, received }) as DeviceRow

function openStore() {
  const due: (() => void)[] = []
  const store = new FleetStore(
    (paint) => void due.push(paint),
    () => 1000,
  )
  let painted = 0
  store.changes.subscribe(() => painted++)
  const paint = () => {
    for (const one of due.splice(0)) one()
    return painted
  }
  return { store, paint, due }
}

it('many changes are painted once', () => {
  const { store, paint, due } = openStore()
  for (let n = 0; n < 100; n++) store.take('rows', [row('a', n)])
  expect(due).toHaveLength(1)
  expect(paint()).toBe(1)
  expect(store.rows.get('a')?.received).toBe(99)
  store.take('removed', ['a'])
  expect(paint()).toBe(2)
  expect(store.rows.size).toBe(0)
})

it('whoever is not told of again after a new beginning is gone, once all have been told', () => {
  const { store } = openStore()
  store.begin()
  store.take('rows', [row('a'), row('b')])
  store.take('ready', { devices: 2 })
  store.begin()
  store.take('rows', [row('b')])
  expect([...store.rows.keys()]).toEqual(['a', 'b'])
  store.take('ready', { devices: 1 })
  expect([...store.rows.keys()]).toEqual(['b'])
})

it('ages are told by the clock of the bridge', () => {
  const { store } = openStore()
  const broker = { queuedMessages: 0, queuedBytes: 0, acknowledged: 0, dropped: 0 }
  const rest = { health: 'healthy', degradation: 'normal', checks: [], sources: [] } as const
  store.take('system', { at: 61_000, broker, unknown: { frames: 0, latest: [] }, ...rest })
  expect(store.now).toBe(61_000)
})

it('the newest events are first, and so many of them are kept', () => {
  const { store } = openStore()
  const event = (wall: number) =>
    ({ device: 'a', event: { wall, severity: 'info', type: 'returned', silentMs: 1 } }) as const
  store.take('events', [event(1), event(2)])
  store.take('events', [event(3)])
  expect(store.events.map(({ event }) => event.wall)).toEqual([3, 2, 1])
  store.take(
    'events',
    Array.from({ length: 500 }, (_, n) => event(n)),
  )
  expect(store.events).toHaveLength(400)
})
