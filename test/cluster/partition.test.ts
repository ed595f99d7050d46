import { describe, expect, it } from 'vitest'
import { Partition } from '../../src/cluster/partition.js'
import type { QueueMessage } from '../../src/cluster/queue-port.js'
import type { TakenState } from '../../src/cluster/state-marks.js'
import type { KeptState } from '../../src/cluster/state-store.js'
import type { Step } from '../../src/cluster/step.js'

const message = (tag: number, device = 'd1', more: Partial<QueueMessage> = {}): QueueMessage => ({
  routingKey: `alec.${device}.frame`,
  payload: Uint8Array.of(tag),
  tag,
  again: false,
  tick: false,
  ...more,
})

/** Lets everything run that waits for nothing but its turn. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve))
const never = new Promise<void>(() => {})

/** A partition whose surroundings write down what it does. */
function rig(kept: readonly string[] = []) {
  const did: string[] = []
  const steps: Step[] = []
  const holds: (() => void)[] = []
  /** What the store answers; `fails`: it is away. */
  const store = { ours: true, fails: false, loads: Promise.resolve() }
  const channel = { onMessage: (_: QueueMessage) => {}, onClosed: () => {} }
  const answer = <T>(word: string, value: T): Promise<T> => {
    did.push(word)
    return store.fails
      ? Promise.reject(Object.assign(new Error('gone'), { code: 'ECONNRESET' }))
      : Promise.resolve(value)
  }
  let claims = 0
  const partition: Partition = new Partition(3, 'q3', {
    prefetch: 10,
    states: {
      claim: () => answer('claim', { token: `${++claims}:us` }),
      async load() {
        await store.loads
        return answer(
          'load',
          kept.map((device): TakenState => ({ device, state: {}, shift: { past: 0, until: 0 } })),
        )
      },
      write: (_partition, token, states) =>
        answer(
          `write ${token} ${states.map(([device, state]: KeptState) => `${device}=${state}`)}`,
          store.ours,
        ),
      reclaim: (_partition, token) => answer(`reclaim ${token}`, store.ours),
    },
    openChannel: (onClosed) => {
      channel.onClosed = onClosed
      return Promise.resolve({
        consume: (queue, prefetch, onMessage) => {
          did.push(`consume ${queue} ${prefetch}`)
          channel.onMessage = onMessage
          return Promise.resolve()
        },
        ackUpTo: (tag) => did.push(`ack ${tag}`),
        close: () => {
          did.push('close')
          return Promise.resolve()
        },
      })
    },
    deliver: (step, { tag, routingKey }) => {
      did.push(`take ${tag}`)
      step.keep(routingKey.split('.')[1] ?? '', `after ${tag}`)
      steps.push(step)
      holds.push(step.hold())
    },
    onClaimed: (_partition, states) => did.push(`ours ${states.map(({ device }) => device)}`),
    onLost: () => did.push('lost'),
    statesOf: () => [['d1', 'now']],
    onReady: () => {
      if (partition.isReady) void partition.write()
    },
    onTrouble: (_partition, code) => did.push(`trouble ${code}`),
  })
  return {
    partition,
    store,
    did,
    receive: (...messages: QueueMessage[]) => {
      for (const each of messages) channel.onMessage(each)
    },
    /** The readings of the frame that was taken so many frames ago are published. */
    publish: (index: number) => holds[index]?.(),
    lose: () => channel.onClosed(),
    /** What it did since this was asked last. */
    news: async () => {
      await settled()
      return did.splice(0)
    },
  }
}

describe('a partition', () => {
  it('is claimed by its first message, and nothing of it is taken before its states are there', async () => {
    const { partition, store, receive, news } = rig(['d1', 'd2'])
    let loaded = () => {}
    store.loads = new Promise((resolve) => {
      loaded = resolve
    })
    await partition.join()
    expect([partition.phase, await news()]).toEqual(['standby', ['consume q3 10']])
    receive(message(1), message(2))
    expect([partition.phase, await news()]).toEqual(['claiming', ['claim']])
    loaded()
    expect(await news()).toEqual(['load', 'ours d1,d2', 'take 1', 'take 2'])
    expect(partition.phase).toBe('owned')
  })

  it('is claimed by a message without a frame, too, which is then acknowledged', async () => {
    const { partition, receive, news } = rig()
    await partition.join()
    receive(message(1, '', { tick: true }))
    expect(await news()).toEqual(['consume q3 10', 'claim', 'load', 'ours ', 'ack 1'])
  })

  it('writes what is published, and acknowledges only what is written, in its order', async () => {
    const { partition, receive, publish, news } = rig()
    await partition.join()
    receive(message(1), message(2, 'd2'), message(3))
    await news()
    publish(1)
    publish(2)
    expect(await news()).toEqual([])
    publish(0)
    expect(await news()).toEqual(['write 1:us d1=after 3,d2=after 2', 'ack 3'])
  })

  it('takes no more frames of a device than its state tells apart, and goes on as they are written', async () => {
    const { partition, receive, publish, news } = rig()
    await partition.join()
    receive(...Array.from({ length: 10 }, (_, n) => message(n + 1)), message(11, 'd2'))
    expect((await news()).filter((word) => word.startsWith('take'))).toHaveLength(8)
    publish(0)
    expect(await news()).toEqual(['write 1:us d1=after 1', 'ack 1', 'take 9'])
  })

  it('forgets everything where another bridge has claimed it, and acknowledges nothing', async () => {
    const { partition, store, receive, publish, news } = rig()
    await partition.join()
    receive(message(1), message(2))
    await news()
    store.ours = false
    publish(0)
    expect(await news()).toEqual(['write 1:us d1=after 1', 'lost', 'trouble fenced', 'close'])
    publish(1)
    expect([partition.phase, await news()]).toEqual(['closed', []])
  })

  it('hears nothing of a lost channel, and claims anew on the next one', async () => {
    const { partition, receive, publish, lose, news } = rig()
    await partition.join()
    receive(message(1))
    await news()
    lose()
    expect([partition.phase, await news()]).toEqual(['closed', ['lost']])
    publish(0)
    receive(message(2))
    expect(await news()).toEqual([])
    await partition.join()
    receive(message(1, 'd1', { again: true }))
    expect(await news()).toEqual(['consume q3 10', 'claim', 'load', 'ours ', 'take 1'])
    publish(1)
    expect(await news()).toEqual(['write 2:us d1=after 1', 'ack 1'])
  })

  it('stands still while the store is away, and tells it everything again once all it took is published', async () => {
    const { partition, store, receive, publish, news } = rig()
    await partition.join()
    receive(message(1), message(2))
    await news()
    store.fails = true
    publish(0)
    expect(await news()).toEqual(['write 1:us d1=after 1', 'trouble ECONNRESET'])
    expect([partition.phase, partition.isStalled]).toEqual(['stalled', true])
    receive(message(3))
    store.fails = false
    await partition.recover()
    expect(await news()).toEqual([])
    publish(1)
    await partition.recover()
    expect(await news()).toEqual(['reclaim 1:us', 'write 1:us d1=now', 'ack 2', 'take 3'])
    expect(partition.phase).toBe('owned')
  })

  it('gives itself up where it was claimed by another one while the store was away', async () => {
    const { partition, store, receive, publish, news } = rig()
    await partition.join()
    receive(message(1))
    await news()
    store.fails = true
    publish(0)
    await news()
    Object.assign(store, { fails: false, ours: false })
    await partition.recover()
    expect(await news()).toEqual(['reclaim 1:us', 'lost', 'trouble fenced', 'close'])
  })

  it('is claimed later where the store is away when its first message comes', async () => {
    const { partition, store, receive, news } = rig()
    await partition.join()
    store.fails = true
    receive(message(1))
    expect(await news()).toEqual(['consume q3 10', 'claim', 'trouble ECONNRESET'])
    expect([partition.phase, partition.isStalled]).toEqual(['standby', true])
    store.fails = false
    await partition.recover()
    expect(await news()).toEqual(['claim', 'load', 'ours ', 'take 1'])
  })

  it('is left once all that was taken is acknowledged, and nothing more is taken', async () => {
    const { partition, receive, publish, news } = rig()
    await partition.join()
    receive(message(1))
    await news()
    const left = partition.leave(never)
    receive(message(2))
    expect(await news()).toEqual([])
    publish(0)
    await left
    expect(await news()).toEqual(['write 1:us d1=after 1', 'ack 1', 'lost', 'close'])
  })

  it('is left at the deadline with what is not published', async () => {
    const { partition, receive, news } = rig()
    await partition.join()
    receive(message(1))
    await news()
    await partition.leave(Promise.resolve())
    expect([partition.phase, await news()]).toEqual(['closed', ['lost', 'close']])
  })

  it('writes also what only time has done to its devices', async () => {
    const { partition, receive, news } = rig()
    expect(partition.begin()).toBeUndefined()
    await partition.join()
    receive(message(1, '', { tick: true }))
    await news()
    const step = partition.begin()
    step?.keep('d1', 'later')
    step?.taken()
    expect(await news()).toEqual(['write 1:us d1=later'])
  })
})
