import { describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../src/clock.js'
import { type KeptState, SharedGroup } from '../../src/cluster/index.js'
import { brokerDoor, MqttLink } from '../../src/transport/index.js'
import { DealingBroker } from '../support/dealing-broker.js'
import { ManualClock } from '../support/manual-clock.js'
import { Observer } from '../transport/observer.js'
import { MemoryLanes, SharedMemory } from './memory-lanes.js'
import { until } from './plant.js'

/** A bridge whose devices count their frames, on a link as in the program: the log says what it does, and after what. */
function bridge(
  name: string,
  url: string,
  memory: SharedMemory,
  clock: ManualClock,
  log: string[],
) {
  const states = new Map<number, number>()
  const holds: (() => void)[] = []
  const group = new SharedGroup({
    group: 'g',
    door: brokerDoor({ urls: [url] }, { clientId: name, clean: true, group: 'g' }, systemClock),
    probe: () => ({ result: Promise.resolve(), cancel: () => {} }),
    store: new MemoryLanes(memory, name, clock),
    run: name,
    clock,
    news: { onTrouble: () => {}, onStore: () => {} },
  })
  group.start({
    onClaimed: (lane, taken) => void states.set(lane, Number(taken[0]?.state ?? 0)),
    onLost: (lane) => void states.delete(lane),
    statesOf: (): KeptState[] => [],
  })
  const link = new MqttLink({ name, door: group.door, clock, random: () => 0 })
  link.subscribe('a/+', 1, {
    onMessage({ topic, payload, hold }) {
      const { step } = group
      const [lane, number] = [step?.partition ?? -1, Number(Buffer.from(payload).toString())]
      log.push(`${name}: ${topic} ${number} after ${states.get(lane)}`)
      states.set(lane, number)
      step?.keep(topic, String(number))
      const release = hold?.()
      if (release) holds.push(release)
    },
    onState: () => {},
  })
  return {
    link,
    confirm() {
      for (const confirm of holds.splice(0)) confirm()
    },
  }
}

/** Two bridges at a broker that deals by topics, and a device whose frames come to the first one. */
async function shared() {
  const broker = await DealingBroker.start()
  const sender = await Observer.of(broker.url)
  const [memory, clock, log] = [new SharedMemory(), new ManualClock(), [] as string[]]
  const [one, other] = [
    bridge('one', broker.url, memory, clock, log),
    bridge('other', broker.url, memory, clock, log),
  ]
  onTestFinished(async () => {
    const stopped = Promise.all([one.link.stop(), other.link.stop(), sender.close()])
    clock.advance(2000)
    await stopped
    await broker.close()
  })
  for (const [n, { link }] of [one, other].entries()) {
    link.start()
    await until(() => broker.membersOf('g') === n + 1)
  }
  const said = async (line: string) => {
    await until(() => log.includes(line))
    return log
  }
  // Its hash is even.
  const send = (number: number) => sender.publish('a/d1', Buffer.from(String(number)))
  return { broker, clock, one, other, said, send }
}

describe('frames of a bridge that stops', () => {
  it('go to another one where it had not taken them, and none twice', async () => {
    const { one, other, said, send } = await shared()
    await send(1)
    await said('one: a/d1 1 after 0')
    const stopped = one.link.stop()
    await send(2)
    one.confirm()
    await stopped
    await said('other: a/d1 2 after 1')
    other.confirm()
    await send(3)
    expect(await said('other: a/d1 3 after 2')).toHaveLength(3)
  })

  it('go to another one before all later ones where nobody confirms in time what it says', async () => {
    const { clock, one, said, send } = await shared()
    await send(1)
    await send(2)
    await said('one: a/d1 2 after 1')
    const stopped = one.link.stop()
    await send(3)
    clock.advance(2000)
    await stopped
    await send(4)
    expect(await said('other: a/d1 4 after 3')).toEqual([
      'one: a/d1 1 after 0',
      'one: a/d1 2 after 1',
      'other: a/d1 1 after 0',
      'other: a/d1 2 after 1',
      'other: a/d1 3 after 2',
      'other: a/d1 4 after 3',
    ])
  })
})
