import { describe, expect, it } from 'vitest'
import { StatusSnapshot } from '../../src/control/status-snapshot.js'
import type { DeviceSession } from '../../src/device/index.js'
import { bridgeTopics, type Publication, snapshotPublications } from '../../src/outputs/index.js'
import { context, recovering } from '../outputs/examples.js'

const topics = bridgeTopics('alec')
const statuses = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ ...recovering, device: `d-${n}` }))

/** Sessions that count how many of them were asked. */
function sessionsOf(count: number) {
  let asked = 0
  const sessions = statuses(count).map((status) => ({
    status: () => {
      asked++
      return status
    },
  }))
  const taken = () => {
    const before = asked
    asked = 0
    return before
  }
  return { sessions: sessions as unknown as readonly DeviceSession[], taken }
}

function pieces(snapshot: StatusSnapshot, taken: () => number) {
  const all: { readonly described: number; readonly said: readonly Publication[] }[] = []
  while (snapshot.isUnfinished) {
    const said = snapshot.next()
    all.push({ described: taken(), said })
  }
  return all
}

describe('a snapshot of all devices’ status', () => {
  it('of a small fleet is one piece', () => {
    const snapshot = new StatusSnapshot(topics)
    const { sessions, taken } = sessionsOf(300)
    snapshot.begin(sessions, context)
    const [only, ...others] = pieces(snapshot, taken)
    expect(others).toEqual([])
    expect(only?.said).toEqual(snapshotPublications(statuses(300), topics, context, 0))
  })

  it('of a large one is made of small pieces, which say the same together', () => {
    const snapshot = new StatusSnapshot(topics)
    const { sessions, taken } = sessionsOf(9500)
    snapshot.begin(sessions, context)
    const all = pieces(snapshot, taken)
    for (const { described, said } of all) {
      expect(described).toBeLessThanOrEqual(1000)
      expect(said.length).toBeLessThanOrEqual(32)
    }
    expect(all.length).toBeGreaterThan(10)
    expect(all.flatMap(({ said }) => said)).toEqual(
      snapshotPublications(statuses(9500), topics, context, 0),
    )
  })

  it('clears what the last one had more', () => {
    const snapshot = new StatusSnapshot(topics)
    for (const count of [700, 1]) {
      const { sessions, taken } = sessionsOf(count)
      snapshot.begin(sessions, context)
      const said = pieces(snapshot, taken).flatMap((piece) => piece.said)
      const before = snapshotPublications(statuses(700), topics, context, 0).length
      expect(said).toHaveLength(before)
      expect(said.filter(({ payload }) => payload === '')).toHaveLength(
        count === 1 ? before - 1 : 0,
      )
    }
  })
})
