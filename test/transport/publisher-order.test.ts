import { ErrorWithReasonCode } from 'mqtt'
import { describe, expect, it } from 'vitest'
import { mulberry, testSeed } from '../support/mulberry.js'
import { publication, settle, liveOn as startLive } from './publisher-rig.js'

const quotaExceeded = new ErrorWithReasonCode('refused: Quota exceeded', 151)
const reading = (topic: string, n: number) => ({ ...publication(topic), payload: String(n) })

type Rig = Awaited<ReturnType<typeof startLive>>

/** What came to the broker and was taken, in that order, of a topic. */
class Taken {
  readonly all: { topic: string; payload: string }[] = []

  of(topic: string): number[] {
    return this.all.filter((one) => one.topic === topic).map(({ payload }) => Number(payload))
  }
}

/** Answers the oldest that has no answer; returns whether there was one. */
function answer({ link }: Rig, taken: Taken, refuses: (payload: string) => boolean): boolean {
  if (link.unacknowledged === 0) return false
  const { topic, payload } = link.handed[link.handed.length - link.unacknowledged]!
  const isRefused = refuses(String(payload))
  if (!isRefused) taken.all.push({ topic, payload: String(payload) })
  link.acknowledge(1, isRefused ? quotaExceeded : undefined)
  return true
}

describe('F-35: a reading that is refused, and taken when it comes again', () => {
  it('comes behind no other than those of its topic that were on their way with it', async () => {
    const random = mulberry(testSeed)
    const rig = await startLive({ limits: { window: 16 } })
    const { publisher, link } = rig
    const taken = new Taken()
    const topics = ['a', 'b', 'c']
    /** By topic and number: what had been handed over when the first refusal of it was heard. */
    const excused = new Map<string, ReadonlySet<string>>()
    const again = new Set<string>()
    let next = 0
    while (next < 3000 || link.unacknowledged > 0) {
      if (next < 3000 && random() < 0.55)
        publisher.publish(reading(topics[Math.floor(3 * random())]!, next++))
      if (random() < 0.5)
        answer(rig, taken, (payload) => {
          const { topic } = link.handed[link.handed.length - link.unacknowledged]!
          const name = `${topic} ${payload}`
          const isFirst = !excused.has(name)
          if (again.has(name) || random() >= (isFirst ? 0.1 : 0.5)) return false
          const before = link.handed.map((one) => `${one.topic} ${one.payload}`)
          if (isFirst) excused.set(name, new Set(before))
          else again.add(name)
          return true
        })
    }
    const overtaken = topics.flatMap((topic) => {
      const numbers = taken.of(topic)
      return numbers.flatMap((late, place) =>
        numbers
          .slice(0, place)
          .filter((n) => n > late && !excused.get(`${topic} ${late}`)?.has(`${topic} ${n}`))
          .map((n) => `${topic}: ${late} came behind ${n}`),
      )
    })
    expect(overtaken, `seed ${testSeed}`).toEqual([])
    expect(excused.size).toBeGreaterThan(100)
    expect(again.size).toBeGreaterThan(50)
    // All of them came, none twice.
    const numbers = taken.all.map(({ payload }) => Number(payload)).sort((a, b) => a - b)
    expect(numbers).toEqual(Array.from({ length: 3000 }, (_, n) => n))
  })

  /** One of `a` refused, two more of it on their way, two of it and one of `b` waiting for their turn. */
  const refusedOnce = async () => {
    const settled: number[] = []
    const rig = await startLive({ limits: { window: 3 } })
    for (const n of [1, 2, 3, 4, 5]) rig.publisher.publish(reading('a', n), () => settled.push(n))
    rig.publisher.publish(reading('b', 6))
    rig.link.acknowledge(1, quotaExceeded)
    const sent = () => rig.link.handed.splice(0).map(({ payload }) => Number(payload))
    return { ...rig, settled, sent }
  }

  it('lets other topics pass meanwhile, and its own go on behind it', async () => {
    const { link, sent } = await refusedOnce()
    expect(sent()).toEqual([1, 2, 3, 6])
    link.acknowledge(2)
    expect(sent()).toEqual([1])
    link.acknowledge()
    expect(sent()).toEqual([4, 5])
  })

  it('goes first where several were refused, each behind the one before', async () => {
    const { link, sent } = await refusedOnce()
    link.acknowledge(2, quotaExceeded)
    sent()
    link.acknowledge(1)
    link.acknowledge(1, quotaExceeded)
    expect(sent()).toEqual([1])
    link.acknowledge(1)
    expect(sent()).toEqual([2])
    link.acknowledge(1)
    expect(sent()).toEqual([3])
    link.acknowledge(1)
    expect(sent()).toEqual([4, 5])
  })

  it('lets the others go once it is given up, and holds them no more while nothing of the topic passes', async () => {
    const { link, sent, publisher } = await refusedOnce()
    link.acknowledge(3)
    link.acknowledge(1, quotaExceeded)
    sent()
    link.acknowledge(1, quotaExceeded)
    expect(sent()).toEqual([4, 5])
    publisher.publish(reading('a', 7))
    link.acknowledge(1, quotaExceeded)
    expect(sent()).toEqual([7, 4])
    link.acknowledge(3)
    for (const n of [8, 9, 10, 11]) publisher.publish(reading('a', n))
    link.acknowledge(1, quotaExceeded)
    link.acknowledge(2)
    expect(sent()).toEqual([8, 9, 10, 8])
  })

  it('makes nobody wait longer than three seconds', async () => {
    const { clock, link, sent } = await refusedOnce()
    link.acknowledge(1, quotaExceeded)
    link.acknowledge(2)
    expect(sent()).toEqual([1, 2, 3, 6, 1])
    clock.advance(2999)
    link.acknowledge(1, quotaExceeded)
    expect(sent()).toEqual([1])
    clock.advance(1)
    link.acknowledge(1)
    expect(sent()).toEqual([2, 4, 5])
  })

  it('waits in its place for the next connection, as do those behind it', async () => {
    const { link, sent, publisher } = await refusedOnce()
    sent()
    link.goAway()
    link.open()
    await settle()
    link.acknowledge(1)
    link.acknowledge()
    link.acknowledge()
    expect(sent().slice(1)).toEqual([1, 2, 3, 4, 5, 6])
    const { submitted, acknowledged, superseded } = publisher.counters()
    expect(acknowledged + superseded).toBe(submitted)
  })

  it('is given back with those behind it where they come from the journal again, and where the bridge stops', async () => {
    for (const end of ['loss', 'stop'] as const) {
      const lost: string[] = []
      const settled: number[] = []
      const rig = await startLive({ limits: { window: 3 }, onLost: () => lost.push('all') })
      const { clock, link, publisher } = rig
      for (const n of [1, 2, 3, 4, 5]) publisher.publish(reading('a', n), () => settled.push(n))
      link.acknowledge(1, quotaExceeded)
      expect(publisher.counters()).toMatchObject({ inFlight: 2, queuedMessages: 3 })
      if (end === 'loss') link.goAway()
      else {
        const stopped = publisher.stop()
        while (link.unacknowledged > 0) link.acknowledge()
        await settle()
        // Nothing of it was left to wait for: the goodbye came at once.
        expect(link.topics.at(-1)).toBe('alec/bridge/state')
        link.acknowledge()
        await stopped
        expect(clock.pending).toBe(0)
      }
      expect(settled).toEqual(end === 'loss' ? [] : [2, 3])
      expect(publisher.counters()).toMatchObject({
        givenBack: end === 'loss' ? 5 : 3,
        dropped: {},
        queuedMessages: 0,
        queuedBytes: 0,
        inFlight: 0,
      })
    }
  })

  it('finds none in the link that have not left: no more are handed over than the broker lets wait', async () => {
    const { link, publisher } = await startLive()
    link.mostUnacknowledged = 2
    for (const n of [1, 2, 3, 4]) publisher.publish(reading('a', n))
    link.acknowledge(1, quotaExceeded)
    link.acknowledge(1)
    link.acknowledge(1)
    expect(link.handed.map(({ payload }) => Number(payload))).toEqual([1, 2, 1, 3, 4])
  })

  it('is withdrawn where somebody else says it', async () => {
    const { link, publisher } = await startLive({ limits: { window: 3 } })
    const unwanted = new Set<() => void>()
    for (const n of [1, 2, 3, 4]) {
      const settled = () => {}
      if (n !== 3) unwanted.add(settled)
      publisher.publish(reading('a', n), settled)
    }
    link.acknowledge(1, quotaExceeded)
    publisher.withdraw(unwanted)
    link.acknowledge()
    expect(link.handed.map(({ payload }) => Number(payload))).toEqual([1, 2, 3])
    expect(publisher.counters()).toMatchObject({ queuedMessages: 0, queuedBytes: 0, inFlight: 0 })
  })
})
