import { describe, expect, it } from 'vitest'
import type { KeptState } from '../../src/cluster/index.js'
import { SharedGroup } from '../../src/cluster/index.js'
import { QueueError } from '../../src/cluster/queue-port.js'
import type { ConnectionEnd } from '../../src/transport/index.js'
import { ManualClock } from '../support/manual-clock.js'
import { ScriptedDoor } from '../transport/scripted-door.js'
import { MemoryLanes, SharedMemory } from './memory-lanes.js'

/** Lets everything run that waits for nothing but its turn. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 12; turn++) await new Promise<void>((resolve) => setImmediate(resolve))
}

/**
 * A bridge of a group whose devices count their frames: the state of each is the number of its last frame, and its frames
 * are published at once, or when the test says so.
 */
function bridge(run: string, memory: SharedMemory, clock: ManualClock) {
  const door = new ScriptedDoor()
  const store = new MemoryLanes(memory, run, clock)
  const log: string[] = []
  const states = new Map<number, Map<string, number>>()
  const holds: (() => void)[] = []
  const ends: ConnectionEnd[] = []
  /** Whether readings are confirmed at once. */
  const outlet = { confirms: true }
  const probe = { run: () => Promise.resolve(), cancelled: false }
  const group = new SharedGroup({
    group: 'g',
    door,
    probe: () => ({
      result: probe.run(),
      cancel: () => {
        probe.cancelled = true
      },
    }),
    store,
    run,
    clock,
    news: {
      onTrouble: (_partition, code) => log.push(`trouble ${code}`),
      onStore: () => {},
    },
  })
  group.start({
    onClaimed(lane, taken) {
      log.push(`claimed ${taken.map(({ device, state }) => `${device}=${state}`)}`)
      states.set(lane, new Map(taken.map(({ device, state }) => [device, Number(state)])))
    },
    onLost(lane) {
      log.push('lost')
      states.delete(lane)
    },
    statesOf: (lane) => [...(states.get(lane) ?? [])].map(([id, n]): KeptState => [id, `${n}`]),
  })
  const connection = group.door.open({
    onConnected: (resumed) => log.push(`connected ${resumed}`),
    onMessage({ topic, payload, hold }) {
      const { step } = group
      const release = hold?.()
      const device = topic.split('/')[1] ?? ''
      const known = states.get(step?.partition ?? -1)
      const before = known?.get(device) ?? 0
      const number = payload[0] ?? 0
      log.push(`${device} ${number} after ${before}`)
      known?.set(device, Math.max(before, number))
      step?.keep(device, `${Math.max(before, number)}`)
      if (release) holds.push(release)
      if (outlet.confirms) for (const confirm of holds.splice(0)) confirm()
    },
    onClosed: (end) => ends.push(end),
  })
  return {
    group,
    store,
    door,
    connection,
    outlet,
    probe,
    ends,
    async connect() {
      await settled()
      door.last.isConnected()
      connection.subscribe('a/+', 1, () => {})
    },
    /** A frame of a device comes; the log says when it is acknowledged. */
    receive(device: string, number: number) {
      const hold = () => () => void log.push(`ack ${device} ${number}`)
      door.last.receives({ topic: `a/${device}`, payload: Uint8Array.of(number), hold })
    },
    confirm() {
      for (const confirm of holds.splice(0)) confirm()
    },
    async news() {
      await settled()
      return log.splice(0)
    },
    health: () => group.healthCheck(clock.mono()),
  }
}

function plant(...runs: readonly string[]) {
  const memory = new SharedMemory()
  const clock = new ManualClock()
  return { memory, clock, bridges: runs.map((run) => bridge(run, memory, clock)) }
}

describe('a bridge that shares its devices by topics', () => {
  it('takes a frame once it has the topic, and acknowledges it once its state is kept', async () => {
    const { memory, bridges } = plant('one')
    const [one] = bridges as [ReturnType<typeof bridge>]
    await one.connect()
    one.outlet.confirms = false
    one.receive('d1', 1)
    expect(await one.news()).toEqual(['connected false', 'claimed ', 'd1 1 after 0'])
    expect(memory.topics.get('a/d1')?.states.size).toBe(0)
    one.confirm()
    expect(await one.news()).toEqual(['ack d1 1'])
    expect(memory.topics.get('a/d1')?.states.get('d1')).toMatch(/"device":1}$/)
    expect(one.health()).toMatchObject({ status: 'healthy', message: '1 topics of g' })
  })

  it('goes on where another one stopped that has had time to finish', async () => {
    const { clock, bridges } = plant('one', 'other')
    const [one, other] = bridges as [ReturnType<typeof bridge>, ReturnType<typeof bridge>]
    await one.connect()
    await other.connect()
    one.outlet.confirms = false
    one.receive('d1', 1)
    await one.news()
    other.receive('d1', 2)
    expect(await other.news()).toEqual(['connected false'])
    expect(other.health()).toMatchObject({ status: 'degraded' })
    one.confirm()
    expect(await one.news()).toEqual(['ack d1 1'])
    clock.advance(1500)
    expect(await other.news()).toEqual(['claimed d1=1', 'd1 2 after 1', 'ack d1 2'])
  })

  it('finds out that another one has its quiet devices, and speaks of them no more', async () => {
    const { clock, bridges } = plant('one', 'other')
    const [one, other] = bridges as [ReturnType<typeof bridge>, ReturnType<typeof bridge>]
    await one.connect()
    await other.connect()
    one.receive('d1', 1)
    await one.news()
    clock.advance(2000)
    other.receive('d1', 2)
    expect(await other.news()).toContain('claimed d1=1')
    clock.advance(8500)
    expect([await one.news(), one.health().message]).toEqual([['lost'], '0 topics of g'])
  })

  it('overwrites nothing where another one has got the device while it published, and does the frame again', async () => {
    const { memory, clock, bridges } = plant('one', 'other')
    const [one, other] = bridges as [ReturnType<typeof bridge>, ReturnType<typeof bridge>]
    await one.connect()
    await other.connect()
    one.outlet.confirms = false
    one.receive('d1', 1)
    await one.news()
    clock.advance(2000)
    other.receive('d1', 2)
    expect(await other.news()).toContain('d1 2 after 0')
    one.outlet.confirms = true
    one.confirm()
    await settled()
    expect(memory.topics.get('a/d1')?.states.get('d1')).toMatch(/"device":2}$/)
    clock.advance(2000)
    expect(await one.news()).toEqual(['lost', 'claimed d1=2', 'd1 1 after 2', 'ack d1 1'])
  })

  it('loses nothing where the store is away, and tells it all it knows once it is back', async () => {
    const { memory, clock, bridges } = plant('one')
    const [one] = bridges as [ReturnType<typeof bridge>]
    await one.connect()
    one.receive('d1', 1)
    one.receive('d2', 1)
    await one.news()
    memory.isAway = true
    one.receive('d1', 2)
    expect(await one.news()).toEqual(['d1 2 after 1', 'trouble ECONNRESET'])
    expect(one.health()).toMatchObject({ status: 'degraded' })
    memory.topics.clear()
    memory.isAway = false
    clock.advance(1000)
    expect(await one.news()).toEqual(['ack d1 2'])
    expect(memory.topics.get('a/d1')?.states.get('d1')).toMatch(/"device":2}$/)
    expect(memory.topics.get('a/d2')?.states.get('d2')).toMatch(/"device":1}$/)
  })

  it('gives its connection up where it was paused, before it takes what has come since', async () => {
    const { clock, bridges } = plant('one')
    const [one] = bridges as [ReturnType<typeof bridge>]
    await one.connect()
    one.receive('d1', 1)
    await one.news()
    clock.jump(0)
    clock.advance(1000)
    clock.jump(11_000)
    one.receive('d1', 2)
    expect(await one.news()).toEqual(['lost'])
    expect([one.door.last.ended, one.ends]).toEqual([
      'abort',
      [{ code: 'paused', reason: expect.stringContaining('11 s') }],
    ])
  })

  it('finishes what has come when it stops, and lets others have its devices at once', async () => {
    const { bridges } = plant('one', 'other')
    const [one, other] = bridges as [ReturnType<typeof bridge>, ReturnType<typeof bridge>]
    await one.connect()
    await other.connect()
    await other.news()
    one.outlet.confirms = false
    one.receive('d1', 1)
    await one.news()
    one.connection.close()
    expect(one.door.last.ended).toBeUndefined()
    one.confirm()
    expect(await one.news()).toEqual(['ack d1 1'])
    expect(one.door.last.ended).toBe('close')
    other.receive('d1', 2)
    expect(await other.news()).toEqual(['claimed d1=1', 'd1 2 after 1', 'ack d1 2'])
  })

  it('neither takes nor acknowledges what comes while it stops: the broker gives that to the others', async () => {
    const { clock, bridges } = plant('one')
    const [one] = bridges as [ReturnType<typeof bridge>]
    await one.connect()
    one.outlet.confirms = false
    for (let number = 1; number < 10; number++) one.receive('d1', number)
    expect(await one.news()).toContain('d1 8 after 7')
    one.connection.close()
    one.receive('d1', 10)
    one.receive('d2', 1)
    one.confirm()
    clock.advance(1000)
    const acknowledged = Array.from({ length: 8 }, (_, n) => `ack d1 ${n + 1}`)
    expect(await one.news()).toEqual(acknowledged)
    // Those that have left their subscription get nothing back, or too late.
    expect([one.door.last.unsubscribed, one.door.last.ended]).toEqual([[], 'close'])
  })

  it('stops in time with what nobody confirms, and leaves no timer behind', async () => {
    const { clock, bridges } = plant('one')
    const [one] = bridges as [ReturnType<typeof bridge>]
    await one.connect()
    one.outlet.confirms = false
    one.receive('d1', 1)
    await one.news()
    one.connection.close()
    clock.advance(2000)
    await settled()
    expect(one.door.last.ended).toBe('close')
    one.door.last.isClosed('stopped')
    expect([await one.news(), clock.pending]).toEqual([['lost'], 0])
  })

  it('opens no way to a broker that the probe has refused, and says why', async () => {
    const { bridges } = plant('one')
    const [one] = bridges as [ReturnType<typeof bridge>]
    one.probe.run = () => Promise.reject(new QueueError('deals-in-turn', 'it deals in turn'))
    await settled()
    expect([one.door.connections, one.ends]).toEqual([
      [],
      [{ code: 'deals-in-turn', reason: 'it deals in turn' }],
    ])
  })

  it('keeps no more of what nobody keeps than it can, and counts the rest', async () => {
    const { memory, clock, bridges } = plant('one')
    const [one] = bridges as [ReturnType<typeof bridge>]
    await one.connect()
    await one.news()
    memory.isAway = true
    for (let number = 0; number < 10_002; number++)
      one.door.last.receives({ topic: 'a/d1', payload: Uint8Array.of(number % 100), qos: 0 })
    expect(await one.news()).toEqual(['trouble ECONNRESET'])
    memory.isAway = false
    clock.advance(1000)
    const taken: string[] = []
    // Eight at a time.
    for (let news = await one.news(); news.length > 0; news = await one.news()) taken.push(...news)
    expect(taken).toHaveLength(10_001)
    expect(one.health()).toMatchObject({ message: /; 2 messages of QoS 0 dropped/ })
    one.door.last.receives({ topic: 'a/d1', payload: Uint8Array.of(7), qos: 0 })
    expect(await one.news()).toEqual(['d1 7 after 99'])
  })

  it('does not mix with a group that has partitions', async () => {
    const { bridges } = plant('one')
    const [one] = bridges as [ReturnType<typeof bridge>]
    one.store.groupPartitions = 32
    await settled()
    expect(one.ends).toEqual([expect.objectContaining({ code: 'partitions' })])
  })

  it('ends its probe where it is stopped meanwhile', async () => {
    const { bridges } = plant('one')
    const [one] = bridges as [ReturnType<typeof bridge>]
    one.probe.run = () => new Promise(() => {})
    await settled()
    one.connection.close()
    await settled()
    expect([one.probe.cancelled, one.ends.map(({ code }) => code)]).toEqual([true, ['stopped']])
  })

  it('notices where its devices go to and fro', async () => {
    const { clock, bridges } = plant('one', 'other')
    const [one, other] = bridges as [ReturnType<typeof bridge>, ReturnType<typeof bridge>]
    await one.connect()
    await other.connect()
    for (let number = 1; number < 6; number++) {
      const next = number % 2 === 0 ? other : one
      next.receive('d1', number)
      await settled()
      clock.advance(1600)
      await settled()
    }
    expect(one.health()).toMatchObject({ status: 'degraded', message: /to and fro/ })
    expect(other.health().message).toBe('1 topics of g')
  })
})
