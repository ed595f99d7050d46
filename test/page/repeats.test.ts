import { expect, it } from 'vitest'
import { withoutRepeats } from '../../src/page/parts/repeats.js'

const event = (device: string, wall: number, reason = 'x') =>
  ({ device, event: { wall, severity: 'info', type: 'resync_requested', reason } }) as const

it('events that say the same in a row are one, with the time of the newest', () => {
  const events = [event('a', 9), event('a', 8), event('b', 7), event('a', 6), event('a', 5, 'y')]
  const told = withoutRepeats(events, 10).map(({ device, event, times }) => [
    device,
    event.wall,
    times,
  ])
  expect(told).toEqual([
    ['a', 9, 2],
    ['b', 7, 1],
    ['a', 6, 1],
    ['a', 5, 1],
  ])
  expect(withoutRepeats(events, 2)).toHaveLength(2)
})
