import { describe, expect, it } from 'vitest'
import { type Answered, Lane, type LaneMessage } from '../../src/cluster/lane.js'
import type { TakenState } from '../../src/cluster/state-marks.js'
import type { Step } from '../../src/cluster/step.js'

/** A topic whose surroundings write down what it does. */
function rig() {
  const did: string[] = []
  const holds: (() => void)[] = []
  let now = 0
  let sent = 0
  const lane: Lane = new Lane(3, 'alec/d1/frame', {
    now: () => now,
    deliver: (step, { payload }) => {
      did.push(`take ${payload[0]}`)
      if (payload[1] !== 0) step.keep('d1', `after ${payload[0]}`)
      holds.push(step.hold())
    },
    onClaimed: (_lane, states) => did.push(`ours ${states.map(({ device }) => device)}`),
    onLost: () => did.push('lost'),
    statesOf: () => [['d1', 'now']],
    onWanted: () => did.push('wanted'),
    onReady: () => did.push('ready'),
  })
  const states = (...devices: string[]) =>
    devices.map((device): TakenState => ({ device, state: {}, shift: { past: 0, until: 0 } }))
  return {
    lane,
    taken: (token: string, ...devices: string[]): Answered => ({
      kind: 'taken',
      token,
      states: states(...devices),
    }),
    /** A frame comes; `known`: it is of a device that somebody knows. */
    receive(known = true): void {
      const number = ++sent
      const message: LaneMessage = {
        topic: 'alec/d1/frame',
        payload: Uint8Array.of(number, known ? 1 : 0),
        qos: 1,
        retain: false,
        again: false,
        acknowledge: () => did.push(`ack ${number}`),
      }
      lane.receive(message)
    },
    /** The readings of the frame that was taken as the n-th (from 0 on) are published. */
    publish: (n: number) => holds[n]?.(),
    write() {
      const write = lane.beginWrite()
      return write && `${write.token} ${write.forget ? 'forget' : write.states.join()}`
    },
    at(ms: number) {
      now = ms
    },
    news: () => did.splice(0).filter((word) => word !== 'ready'),
  }
}

describe('a topic', () => {
  it('is asked for by its first message, and nothing is taken before its states are there', () => {
    const { lane, receive, taken, news } = rig()
    receive()
    receive()
    expect(news()).toEqual(['wanted'])
    expect(lane.claim()).toEqual({ topic: 'alec/d1/frame', token: '', patient: true })
    lane.answered(taken('7:us', 'd1'), 0)
    expect(news()).toEqual(['ours d1', 'take 1', 'take 2'])
  })

  it('writes what is published, and acknowledges only what is written, in its order', () => {
    const { lane, receive, taken, publish, write, news } = rig()
    receive()
    receive()
    lane.answered(taken('7:us'), 0)
    news()
    publish(1)
    expect(lane.isReady).toBe(false)
    publish(0)
    expect([lane.isReady, write(), lane.isReady]).toEqual([true, '7:us d1,after 2', false])
    expect(news()).toEqual([])
    lane.written(true, 0)
    expect([news(), lane.isIdle]).toEqual([['ack 1', 'ack 2'], true])
  })

  it('takes no more frames than a device’s state tells apart, and goes on as they are written', () => {
    const { lane, receive, taken, publish, write, news } = rig()
    for (let n = 0; n < 10; n++) receive()
    lane.answered(taken('7:us'), 0)
    expect(news().filter((word) => word.startsWith('take'))).toHaveLength(8)
    publish(0)
    expect(write()).toBe('7:us d1,after 1')
    lane.written(true, 0)
    expect(news()).toEqual(['ack 1', 'take 9'])
  })

  it('is asked for again once its claim has not been used for a while, and goes on where it holds', () => {
    const { lane, receive, taken, publish, write, news, at } = rig()
    receive()
    lane.answered(taken('7:us'), 0)
    publish(0)
    write()
    lane.written(true, 900)
    news()
    at(1900)
    receive()
    expect([news(), lane.isDoubtful]).toEqual([['take 2'], false])
    publish(1)
    write()
    lane.written(true, 1900)
    news()
    at(2901)
    expect(lane.isDoubtful).toBe(true)
    receive()
    expect([news(), lane.claim().token]).toEqual([['wanted'], '7:us'])
    lane.answered({ kind: 'ours' }, 2901)
    expect(news()).toEqual(['take 3'])
  })

  it('forgets what it knew where another bridge has got it meanwhile, and takes what that one left', () => {
    const { lane, receive, taken, publish, write, news, at } = rig()
    receive()
    lane.answered(taken('7:us'), 0)
    publish(0)
    write()
    lane.written(true, 0)
    news()
    at(5000)
    receive()
    lane.answered(taken('9:us', 'd1'), 5000)
    expect(news()).toEqual(['wanted', 'lost', 'ours d1', 'take 2'])
  })

  it('is left to whoever has it until he has had time to finish, and not for ever', () => {
    const { lane, receive, taken, news, at } = rig()
    receive()
    lane.answered({ kind: 'busy', waitMs: 1500 }, 0)
    receive()
    expect([news(), lane.isStalled]).toEqual([['wanted'], true])
    at(1500)
    lane.retry()
    expect([news(), lane.claim().patient]).toEqual([['wanted'], true])
    lane.answered({ kind: 'busy', waitMs: 3500 }, 1500)
    at(5000)
    lane.retry()
    expect([news(), lane.claim().patient]).toEqual([['wanted'], false])
    lane.answered(taken('9:us', 'd1'), 5000)
    expect(news()).toEqual(['ours d1', 'take 1', 'take 2'])
  })

  it('does again what it had not acknowledged where its write is refused, from the newer state', () => {
    const { lane, receive, taken, publish, write, news } = rig()
    receive()
    receive()
    lane.answered(taken('7:us'), 0)
    news()
    publish(0)
    expect(write()).toBe('7:us d1,after 1')
    lane.written(false, 0)
    expect(news()).toEqual(['lost', 'wanted'])
    publish(1)
    expect([lane.isReady, lane.isOurs]).toEqual([false, false])
    lane.answered(taken('9:us', 'd1'), 0)
    expect(news()).toEqual(['ours d1', 'take 1', 'take 2'])
    publish(2)
    publish(3)
    expect(write()).toBe('9:us d1,after 2')
    lane.written(true, 0)
    expect(news()).toEqual(['ack 1', 'ack 2'])
  })

  it('stands still while the store is away, then tells it everything before it goes on', () => {
    const { lane, receive, taken, publish, write, news } = rig()
    receive()
    receive()
    lane.answered(taken('7:us'), 0)
    publish(0)
    write()
    lane.unwritten()
    news()
    receive()
    expect([news(), lane.isReady, lane.isStalled]).toEqual([[], false, true])
    publish(1)
    expect([lane.isReady, write()]).toEqual([true, '7:us d1,now'])
    lane.written(true, 0)
    expect(news()).toEqual(['ack 1', 'ack 2', 'take 3'])
  })

  it('is asked for once more where the store was away', () => {
    const { lane, receive, news } = rig()
    receive()
    lane.unanswered()
    expect(news()).toEqual(['wanted'])
    lane.retry()
    expect(news()).toEqual(['wanted'])
  })

  it('leaves nothing in the store where nobody knows its devices', () => {
    const { lane, receive, taken, publish, write, news } = rig()
    receive(false)
    lane.answered(taken('7:us'), 0)
    publish(0)
    expect(write()).toBe('7:us forget')
    lane.written(true, 0)
    expect(news()).toEqual(['wanted', 'ours ', 'take 1', 'ack 1'])
  })

  it('is acknowledged without a write where a known device’s frame has changed nothing', () => {
    const { lane, receive, taken, publish, write, news } = rig()
    receive(false)
    lane.answered(taken('7:us', 'd1'), 0)
    publish(0)
    expect(write()).toBeUndefined()
    expect(news().at(-1)).toBe('ack 1')
  })

  it('writes also what only time has done to its devices', () => {
    const { lane, receive, taken, publish, write } = rig()
    expect(lane.begin()).toBeUndefined()
    receive()
    lane.answered(taken('7:us'), 0)
    publish(0)
    write()
    lane.written(true, 0)
    const step: Step | undefined = lane.begin()
    step?.keep('d1', 'later')
    step?.taken()
    expect(write()).toBe('7:us d1,later')
  })

  it('acknowledges nothing any more once it is dropped', () => {
    const { lane, receive, taken, publish, write, news } = rig()
    receive()
    lane.answered(taken('7:us'), 0)
    publish(0)
    write()
    news()
    lane.drop()
    lane.written(true, 0)
    expect([news(), lane.isIdle, lane.isOurs]).toEqual([['lost'], true, false])
  })
})
