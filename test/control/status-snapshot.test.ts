import { describe, expect, it } from 'vitest'
import { type SnapshotSubject, StatusSnapshot } from '../../src/control/status-snapshot.js'
import { bridgeTopics, type Publication, snapshotPublications } from '../../src/outputs/index.js'
import { context, recovering } from '../outputs/examples.js'

const topics = bridgeTopics('alec')
const statuses = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ ...recovering, device: `d-${n}` }))

/** Devices that count how many of them were asked; `grow`: what is said of each, by how many had been asked before. */
function fleetOf(size: number, grow = (_asked: number) => '') {
  let asked = 0
  let all = 0
  const sessions = statuses(size).map((status) => ({
    status: () => {
      asked++
      return { ...status, message: `${status.message}${grow(all++)}` }
    },
  }))
  const taken = () => {
    const before = asked
    asked = 0
    return before
  }
  const subject = { size, sessions: () => sessions, context: () => context }
  return { subject: subject as unknown as SnapshotSubject, taken }
}

/** What is read of all messages together, as a reader would. */
function read(said: readonly Publication[]) {
  const byTopic = new Map(said.map(({ topic, payload }) => [topic, String(payload)]))
  const [first = '', ...others] = [...byTopic.values()].filter((text) => text !== '')
  const { of } = JSON.parse(first)
  const chunks = [first, ...others].map((text) => JSON.parse(text))
  expect(chunks.map(({ chunk }) => chunk)).toEqual(Array.from({ length: of }, (_, n) => n + 1))
  for (const chunk of chunks) expect(chunk.of).toBe(of)
  for (const text of byTopic.values()) expect(Buffer.byteLength(text)).toBeLessThanOrEqual(65_536)
  return { of: of as number, ids: chunks.flatMap(({ devices }) => devices.map(idOf)) as string[] }
}
const idOf = ({ device }: { readonly device: string }) => device
const idsOf = (count: number) => statuses(count).map(idOf)

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
    const { subject, taken } = fleetOf(300)
    snapshot.begin(subject)
    const [only, ...others] = pieces(snapshot, taken)
    expect(others).toEqual([])
    expect(only?.said).toEqual(snapshotPublications(statuses(300), topics, context, 0))
    expect([snapshot.chunks, snapshot.isLarge]).toEqual([only?.said.length, false])
  })

  it('of a large one is made of small pieces, of which none waits for the others', () => {
    const snapshot = new StatusSnapshot(topics)
    const { subject, taken } = fleetOf(9500)
    for (const round of ['counted first', 'known from the last time']) {
      snapshot.begin(subject)
      const all = pieces(snapshot, taken)
      for (const { described, said } of all) {
        expect(described).toBeLessThanOrEqual(400)
        expect(said.length).toBeLessThanOrEqual(8)
      }
      const whole = all.reduce((sum, { described }) => sum + described, 0)
      expect([round, whole]).toEqual([round, round === 'counted first' ? 19_000 : 9500])
      const { of, ids } = read(all.flatMap(({ said }) => said))
      expect(ids).toEqual(idsOf(9500))
      expect([snapshot.chunks, snapshot.isLarge]).toEqual([of, true])
    }
  })

  it('is said again from the start where it has grown longer than it was planned', () => {
    const snapshot = new StatusSnapshot(topics)
    const { subject, taken } = fleetOf(2000, (asked) => (asked < 3000 ? '' : 'x'.repeat(100)))
    snapshot.begin(subject)
    const { ids } = read(pieces(snapshot, taken).flatMap(({ said }) => said))
    expect(ids).toEqual(idsOf(2000))
  })

  it('clears what the last one had more', () => {
    const snapshot = new StatusSnapshot(topics)
    const held = new Map<string, string>()
    for (const count of [9500, 2000, 300, 1, 5000]) {
      const { subject, taken } = fleetOf(count)
      snapshot.begin(subject)
      const said = pieces(snapshot, taken).flatMap((piece) => piece.said)
      for (const { topic, payload } of said) held.set(topic, String(payload))
      const left = Array.from(held, ([topic, payload]) => ({ ...said[0], topic, payload }))
      expect([count, read(left as Publication[]).ids]).toEqual([count, idsOf(count)])
    }
  })

  it('that is spread has no more pieces in a second than finish it within a minute', () => {
    const snapshot = new StatusSnapshot(topics)
    const { subject } = fleetOf(20_000)
    snapshot.begin(subject)
    while (snapshot.isUnfinished) snapshot.next()
    snapshot.begin(subject, true)
    let seconds = 0
    for (; snapshot.isUnfinished; seconds++) {
      let made = 0
      for (; snapshot.isDue; made++) snapshot.next()
      expect(made).toBeLessThanOrEqual(2)
      snapshot.tick()
    }
    expect(seconds).toBeGreaterThan(20)
    expect(seconds).toBeLessThan(60)
  })
})
