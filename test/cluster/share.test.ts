import { expect, it } from 'vitest'
import { fairShare, surplus } from '../../src/cluster/share.js'
import { bindingOf, topicOf, topologyOf } from '../../src/cluster/topology.js'

it.each<[owned: number[], partitions: number, bridges: number, given: number[]]>([
  [[0, 1, 2, 3, 4, 5, 6, 7], 8, 1, []],
  [[0, 1, 2, 3, 4, 5, 6, 7], 8, 2, [4, 5, 6, 7]],
  [[7, 1, 5], 8, 3, []],
  [[7, 1, 5, 2], 8, 3, [7]],
  [[0, 1], 2, 5, [1]],
  [[], 8, 2, []],
  [[0, 1, 2], 3, 0, []],
])(
  'whoever has %j of %i partitions among %i bridges gives away %j',
  (owned, all, bridges, given) => {
    expect(surplus(owned, all, bridges)).toEqual(given)
  },
)

it('once nobody has more than a share all partitions are somebody’s, and nobody gives any more', () => {
  for (let partitions = 1; partitions <= 40; partitions++) {
    for (let bridges = 1; bridges <= 12; bridges++) {
      expect(fairShare(partitions, bridges) * bridges).toBeGreaterThanOrEqual(partitions)
      expect((fairShare(partitions, bridges) - 1) * bridges).toBeLessThan(partitions)
    }
  }
})

it('topics become bindings and routing keys topics', () => {
  expect(bindingOf('plant/alec/+/frame')).toBe('plant.alec.*.frame')
  expect(bindingOf('a/#')).toBe('a.#')
  expect(topicOf('plant.alec.d1.frame')).toBe('plant/alec/d1/frame')
})

it('groups have nothing in common', () => {
  const [one, other] = [topologyOf('a', 2), topologyOf('b', 2)]
  expect(one).toEqual({
    exchange: 'alec.a.frames',
    attendance: 'alec.a.bridges',
    queues: ['alec.a.0', 'alec.a.1'],
  })
  expect(new Set([...one.queues, one.exchange, one.attendance, ...other.queues]).size).toBe(6)
})
