import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { WhileAway } from '../../src/outputs/publication.js'
import { PublicationQueue, type QueuedPublication } from '../../src/transport/publication-queue.js'

let serial = 0
const entry = (topic: string, whileAway: WhileAway, bytes = 10): QueuedPublication => ({
  publication: { topic, payload: '', qos: 1, retain: false, whileAway },
  bytes,
  birth: false,
  serial: serial++,
  sentAt: 0,
  sentAs: 0,
  refusals: 0,
})

function queueOf(maxBytes: number) {
  const gone: string[] = []
  const queue = new PublicationQueue(maxBytes, ({ publication }, reason) =>
    gone.push(`${publication.topic} ${reason}`),
  )
  const drain = () => {
    const topics: string[] = []
    for (let next = queue.shift(); next; next = queue.shift()) topics.push(next.publication.topic)
    return topics
  }
  return { queue, gone, drain }
}

describe('a queue of publications', () => {
  it('F-32: gives them back in order, a latest one of its topic first', () => {
    const { queue, gone, drain } = queueOf(1000)
    queue.push(entry('r1', 'queue'))
    queue.push(entry('status', 'latest'))
    queue.push(entry('r2', 'queue'))
    queue.push(entry('status', 'latest'))
    expect(gone).toEqual(['status superseded'])
    expect(drain()).toEqual(['status', 'r1', 'r2'])
    expect([queue.size, queue.bytes]).toEqual([0, 0])
  })

  it('lets the latest ones and the others leave in turns', () => {
    const { queue, drain } = queueOf(1000)
    for (const topic of ['s1', 's2', 's3']) queue.push(entry(topic, 'latest'))
    for (const topic of ['r1', 'r2']) queue.push(entry(topic, 'queue'))
    expect(drain()).toEqual(['s1', 'r1', 's2', 'r2', 's3'])
  })

  it('drops the oldest when it is full, the latest ones of their topics last', () => {
    const { queue, gone, drain } = queueOf(30)
    for (const topic of ['r1', 'r2', 'r3']) queue.push(entry(topic, 'queue'))
    queue.push(entry('status', 'latest'))
    queue.push(entry('r4', 'queue'))
    expect(gone).toEqual(['r1 queue-full', 'r2 queue-full'])
    expect(drain()).toEqual(['status', 'r3', 'r4'])
  })

  it('drops the oldest topic when only latest ones are left', () => {
    const { queue, gone, drain } = queueOf(20)
    for (const topic of ['s1', 's2', 's3']) queue.push(entry(topic, 'latest'))
    expect(gone).toEqual(['s1 queue-full'])
    expect(drain()).toEqual(['s2', 's3'])
  })

  it('refuses what alone is bigger than itself, and keeps the rest', () => {
    const { queue, gone, drain } = queueOf(20)
    queue.push(entry('r1', 'queue'))
    queue.push(entry('big', 'queue', 21))
    expect(gone).toEqual(['big too-large'])
    expect(drain()).toEqual(['r1'])
  })

  it('takes back in front what was on its way, without hiding a newer latest one', () => {
    const { queue, gone, drain } = queueOf(1000)
    const onTheirWay = [entry('r1', 'queue'), entry('status', 'latest', 11), entry('r2', 'queue')]
    queue.push(entry('status', 'latest'))
    queue.push(entry('r3', 'queue'))
    queue.putBack(onTheirWay)
    expect(gone).toEqual(['status superseded'])
    expect(queue.bytes).toBe(40)
    expect(drain()).toEqual(['status', 'r1', 'r2', 'r3'])
  })

  it('takes back the newer one where two of a topic were on their way', () => {
    const { queue, gone } = queueOf(1000)
    const newer = entry('status', 'latest', 12)
    queue.putBack([{ ...newer, serial: newer.serial - 1, bytes: 11 }, newer])
    expect([gone, queue.bytes]).toEqual([['status superseded'], 12])
    expect(queue.shift()).toBe(newer)
  })

  it('gives transient ones up when the broker goes away', () => {
    const { queue, gone, drain } = queueOf(1000)
    queue.push(entry('event', 'drop'))
    queue.push(entry('r1', 'queue'))
    queue.dropTransient()
    expect(gone).toEqual(['event away'])
    expect(drain()).toEqual(['r1'])
  })

  it('forgets a latest one that is older than what has been said', () => {
    const { queue, gone, drain } = queueOf(1000)
    queue.push(entry('old', 'latest'))
    const mark = serial
    queue.push(entry('new', 'latest'))
    queue.supersede('old', mark)
    queue.supersede('new', mark)
    expect(gone).toEqual(['old superseded'])
    expect(drain()).toEqual(['new'])
  })

  it('F-53: never holds more than its limit, and accounts for every entry', () => {
    const policy = fc.constantFrom<WhileAway>('queue', 'latest', 'drop')
    const step = fc.oneof(
      { weight: 5, arbitrary: fc.tuple(fc.constantFrom('a', 'b', 'c'), policy, fc.nat(60)) },
      {
        weight: 4,
        arbitrary: fc.constantFrom('shift', 'dropTransient', 'putBack', 'hold', 'letGo'),
      },
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const { queue, gone } = queueOf(100)
        let pushed = 0
        const onTheirWay: QueuedPublication[] = []
        for (const action of steps) {
          if (typeof action !== 'string') {
            queue.push(entry(...action))
            pushed++
          } else if (action === 'shift') {
            onTheirWay.push(...[queue.shift()].filter((next) => next !== undefined))
          } else if (action === 'dropTransient') {
            queue.dropTransient()
          } else if (action === 'hold') {
            const refused = onTheirWay.pop()
            if (refused && !queue.hold({ ...refused, refusals: 1 }, 0)) onTheirWay.push(refused)
          } else if (action === 'letGo') {
            for (const topic of ['a', 'b', 'c'])
              onTheirWay.push(...[queue.shiftHeld(topic, 0)].filter((next) => next !== undefined))
          } else {
            queue.putBack(onTheirWay.splice(0))
          }
          expect(queue.bytes).toBeLessThanOrEqual(100)
          expect(queue.size + onTheirWay.length + gone.length).toBe(pushed)
        }
        queue.putBack(onTheirWay)
        while (queue.shift()) {}
        expect([queue.size, queue.bytes]).toEqual([0, 0])
      }),
    )
  })

  it('shifts a hundred thousand entries in linear time', () => {
    const { queue, drain } = queueOf(Number.MAX_SAFE_INTEGER)
    for (let n = 0; n < 100_000; n++) queue.push(entry(String(n), 'queue'))
    const topics = drain()
    expect([topics.length, topics[0], topics.at(-1)]).toEqual([100_000, '0', '99999'])
  })
})
