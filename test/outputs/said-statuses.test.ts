import { expect, it } from 'vitest'
import { SaidStatuses } from '../../src/outputs/said-statuses.js'
import type { StatusFlow } from '../../src/outputs/status-flow.js'

const flowOf = (n: number, other: Partial<StatusFlow> = {}): StatusFlow => ({
  at: n + 0.5,
  health: 'healthy',
  circuit: 'closed',
  sync: 'exact',
  online: n % 2 === 0,
  since: 1.7e12 + n,
  lastSeen: n % 3 === 0 ? null : 1.7e12 + n,
  ttlMs: 60_000 + n,
  cause: n % 5 === 0 ? 'silent' : null,
  message: n % 5 === 0 ? `silent ${n}` : '',
  apart: '',
  repeated: n % 7 === 0,
  counted: 2 ** 40 + n,
  ...other,
})

it('keeps what was said of each of many devices, whatever is said of the others', () => {
  const said = new SaidStatuses<{ readonly seat: number }>()
  const devices = Array.from({ length: 6000 }, (_, seat) => ({ seat }))
  for (const device of devices) said.place(device).flow = flowOf(device.seat)
  said.place(devices[7]!).flow = flowOf(7, { message: 'new', apart: 't,h' })
  for (const device of devices) {
    const { seat } = device
    const due = seat === 7 ? flowOf(7, { message: 'new', apart: 't,h' }) : flowOf(seat)
    expect(said.get(device), `${seat}`).toEqual(due)
  }
})

it('leaves nothing of a device that is gone to the next one in its seat', () => {
  const said = new SaidStatuses<{ readonly seat: number }>()
  const [gone, next] = [{ seat: 3 }, { seat: 3 }]
  said.place(gone).flow = flowOf(1)
  expect([said.has(next), said.place(next).flow]).toEqual([false, undefined])
  said.place(next).flow = flowOf(2)
  expect([said.has(gone), said.get(gone), said.get(next)]).toEqual([false, undefined, flowOf(2)])
})

it('forgets everything at once', () => {
  const said = new SaidStatuses<{ readonly seat: number }>()
  const device = { seat: 0 }
  said.place(device).flow = flowOf(1)
  said.clear()
  expect([said.has(device), said.get(device)]).toEqual([false, undefined])
})
