import { describe, expect, it } from 'vitest'
import { Step } from '../../src/cluster/step.js'
import { ClusterIntake } from '../../src/control/cluster-intake.js'
import { compileProfile, Fleet, type Verdict } from '../../src/device/index.js'
import { parseExact } from '../../src/journal/index.js'
import type { Publication } from '../../src/outputs/index.js'
import { defaultBucketPolicy, defaultCircuitPolicy } from '../../src/resilience/index.js'
import { frameOf } from '../support/frames.js'
import { INTERVAL, MeasuredDevice } from '../support/measured-device.js'

const SAME = { past: 0, until: 0 }

/** A bridge's intake with a fleet of its own, whose publications wait until they are let through. */
function rig(device: MeasuredDevice, window = 0) {
  const published: { readonly payload: string; readonly settle: () => void }[] = []
  const said: string[] = []
  const begun: Step[] = []
  let now = 0
  let step: Step | undefined
  let begins = true
  const fleet: Fleet = new Fleet(
    {
      profiles: new Map([['m', compileProfile(device.model)]]),
      devices: new Map(['d1', 'd2'].map((id) => [id, 'm'])),
      policy: { circuit: defaultCircuitPolicy, flood: defaultBucketPolicy },
      unknownDevices: 'ignore',
      born: { mono: 0, wall: 0 },
      onDemand: true,
      reorderWindows: new Map([['door', window]]),
    },
    {
      onVerdict: (verdict, session) => intake.verdict(verdict, session),
      onAccepted: () => {},
      onInternalError: (_device, error) => {
        throw error
      },
    },
  )
  const words = (verdict: Verdict): Publication[] =>
    verdict.kind === 'readings'
      ? [
          {
            topic: `alec/${verdict.device}/readings`,
            payload: `${verdict.seq} ${verdict.quality}`,
            qos: 1,
            retain: false,
            whileAway: 'queue',
          },
        ]
      : []
  const intake: ClusterIntake = new ClusterIntake({
    cluster: {
      get step() {
        return step
      },
      begin: (partition) => {
        if (!begins) return undefined
        const opened = new Step(partition, undefined, () => said.push(`over ${partition}`))
        begun.push(opened)
        return opened
      },
      start: () => {},
      stop: () => Promise.resolve(),
      healthCheck: (checkedAt) => ({
        component: 'cluster',
        status: 'healthy',
        checkedAt,
        message: '',
      }),
    },
    fleet,
    publish: ({ payload }, settle) => published.push({ payload: String(payload), settle }),
    withdraw: (unwanted) => {
      const kept = published.filter(({ settle }) => !unwanted.has(settle))
      published.splice(0, published.length, ...kept)
    },
    words,
    aside: () => {},
    forget: (id) => said.push(`forget ${id}`),
    sources: [{ id: 'door' }],
    now: () => now,
    log: { info: () => {}, warn: () => {}, error: () => {}, fatal: () => {} } as never,
  })
  return {
    fleet,
    intake,
    published,
    said,
    begun,
    /** A message of this partition brings a frame. */
    bring(bytes: Uint8Array, at: number, partition = 3, id = 'd1'): Step {
      now = at
      const opened = new Step(partition, undefined, () => said.push(`over ${partition}`))
      step = opened
      intake.accept(frameOf(bytes, at, id), opened.hold())
      step = undefined
      opened.taken()
      return opened
    },
    tellTime(at: number, isOurs = true) {
      now = at
      begins = isOurs
      intake.sweep()
    },
  }
}

const compact = () => new MeasuredDevice('compact', 2, 7)

describe('frames that come by a partition', () => {
  it('leave the state behind them, and are over once their readings are published', () => {
    const device = compact()
    const { bring, published, said, fleet } = rig(device)
    const first = bring(device.next().bytes, 0)
    const second = bring(device.next().bytes, INTERVAL)
    expect([first.over, second.over, said]).toEqual([false, false, []])
    expect(parseExact(second.states.get('d1') ?? '')).toEqual(fleet.saveDevice('d1'))
    expect(second.states.get('d1')).not.toBe(first.states.get('d1'))
    published[0]?.settle()
    expect([first.over, second.over, said]).toEqual([true, false, ['over 3']])
  })

  it('are nobody’s where they come by no partition, and are let go', () => {
    const device = compact()
    const { intake, published, fleet } = rig(device)
    let taken = 0
    intake.accept(frameOf(device.next().bytes, 0), () => taken++)
    expect([taken, fleet.size, published]).toEqual([1, 0, []])
  })

  it('go on elsewhere in the middle of their stream, from the state that the last one left', () => {
    const device = compact()
    const one = rig(device)
    let last = one.bring(device.next().bytes, 0)
    for (let n = 1; n < 5; n++) last = one.bring(device.next().bytes, n * INTERVAL)
    const other = rig(device)
    const state = parseExact(last.states.get('d1') ?? '')
    other.intake.onClaimed(3, [{ device: 'd1', state, shift: SAME }])
    other.bring(device.next().bytes, 5 * INTERVAL)
    expect(other.published.map(({ payload }) => payload)).toEqual(['5 good'])
  })

  it('are published under the same numbers where they come again because nobody had acknowledged them', () => {
    const device = compact()
    const one = rig(device)
    const kept = one.bring(device.next().bytes, 0).states.get('d1') ?? ''
    const { bytes } = device.next()
    one.bring(bytes, INTERVAL)
    const other = rig(device)
    other.intake.onClaimed(3, [{ device: 'd1', state: parseExact(kept), shift: SAME }])
    other.bring(bytes, INTERVAL + 900)
    expect(other.published.map(({ payload }) => payload)).toEqual(['1 good'])
    expect(one.published.map(({ payload }) => payload)).toEqual(['0 good', '1 good'])
  })
})

describe('a partition that is lost', () => {
  it('takes its devices along, and what of them waits to be published', () => {
    const device = compact()
    const { bring, intake, published, said, fleet } = rig(device)
    const lost = bring(device.next().bytes, 0)
    bring(compact().next().bytes, 1, 4, 'd2')
    intake.onLost(3)
    expect(said).toEqual(['forget d1'])
    expect([fleet.session('d1'), fleet.session('d2')?.id]).toEqual([undefined, 'd2'])
    expect([published.length, lost.over]).toEqual([1, false])
    expect(intake.statesOf(3)).toEqual([])
    expect(intake.statesOf(4).map(([id]) => id)).toEqual(['d2'])
  })
})

describe('frames that are held for their order', () => {
  it('are kept in the state, and let go by time with a step of their own', () => {
    const device = compact()
    const { bring, tellTime, published, begun, said, fleet } = rig(device, 4)
    bring(device.next().bytes, 0)
    published[0]?.settle()
    // One is missing: the next waits for it, and nothing is to be published.
    device.next()
    const early = bring(device.next().bytes, 2 * INTERVAL)
    expect([early.over, published.length]).toEqual([true, 1])
    expect(parseExact(early.states.get('d1') ?? '')).toMatchObject({ held: [{ sequence: 2 }] })

    tellTime(5 * INTERVAL)
    expect(published.map(({ payload }) => payload.split(' ')[0])).toEqual(['0', '2'])
    expect([begun.length, begun[0]?.over]).toEqual([1, false])
    expect(parseExact(begun[0]?.states.get('d1') ?? '')).toEqual(fleet.saveDevice('d1'))
    published[1]?.settle()
    expect([begun[0]?.over, said.at(-1)]).toEqual([true, 'over 3'])
  })

  it('are left to whoever has the partition now', () => {
    const device = compact()
    const { bring, tellTime, published } = rig(device, 4)
    bring(device.next().bytes, 0)
    device.next()
    bring(device.next().bytes, 2 * INTERVAL)
    tellTime(5 * INTERVAL, false)
    expect(published).toHaveLength(1)
  })
})
