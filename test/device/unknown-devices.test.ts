import { expect, it } from 'vitest'
import { UnknownDevices } from '../../src/device/index.js'

it('keeps the last 1024 of a million unknown ids, and counts them all', () => {
  const unknown = new UnknownDevices()
  for (let n = 0; n < 1_000_000; n++) unknown.note(`id-${n}`, 'not-configured')
  expect(unknown.total).toBe(1_000_000)
  expect(unknown.sample.size).toBe(1024)
  expect(unknown.latest(2)).toEqual(['id-999999', 'id-999998'])
  expect(unknown.byReason).toEqual(new Map([['not-configured', 1_000_000]]))
})
