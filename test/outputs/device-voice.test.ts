import { describe, expect, it } from 'vitest'
import type { DeviceEvent, DeviceStatus, Verdict } from '../../src/device/index.js'
import {
  DeviceVoice,
  defaultStatusFlowPolicy,
  type Publication,
  Shedder,
} from '../../src/outputs/index.js'
import { good, recovering, verdictOf } from './examples.js'

const shedder = () => new Shedder()

const voiceOf = (pressure = shedder(), perChannel = true) =>
  new DeviceVoice('greenhouse-1', ['temperature', 'humidity'], {
    baseTopic: 'alec',
    bridge: 'gw-1',
    readings: { qos: 1, retain: false, perChannel, uncertain: 'mark' },
    statusFlow: defaultStatusFlowPolicy,
    shedder: pressure,
  })

const tails = (publications: readonly Publication[]) =>
  publications.map(({ topic }) => topic.replace('alec/greenhouse-1/', ''))

const gap: DeviceEvent = {
  wall: 0,
  severity: 'warning',
  type: 'gap',
  epoch: 1,
  fromSeq: 1,
  toSeq: 1,
  count: 1,
}
const resynchronised: DeviceEvent = { wall: 0, severity: 'info', type: 'resynchronised', frames: 2 }
const verdict = verdictOf([good('temperature', 21.4)], { events: [gap, resynchronised] })

describe('what must arrive of a verdict', () => {
  it('is the gap first, then the readings, then the channels', () => {
    expect(tails(voiceOf().delivery(verdict))).toEqual([
      'event',
      'readings',
      'readings/temperature',
    ])
  })

  it('has no channels where these are not wanted', () => {
    expect(tails(voiceOf(shedder(), false).delivery(verdict))).toEqual(['event', 'readings'])
  })

  it('is the gap alone where the frame brought no readings', () => {
    const skipped: Verdict = {
      kind: 'skipped',
      device: 'greenhouse-1',
      frame: verdict.frame,
      why: 'duplicate',
      events: [gap],
    }
    expect(tails(voiceOf().delivery(skipped))).toEqual(['event'])
  })

  it('goes without channels under light pressure, but with the gap', () => {
    const light = shedder()
    light.level = 'light'
    const publications = voiceOf(light).delivery(verdict)
    expect(tails(publications)).toEqual(['event', 'readings'])
    expect(publications[0]?.payload).toContain('"gap"')
    expect(Object.fromEntries(light.counts)).toEqual({ 'per-channel-topics': 1 })
  })

  it('goes without P5 readings under heavy pressure', () => {
    const heavy = shedder()
    heavy.level = 'heavy'
    expect(tails(voiceOf(heavy).delivery({ ...verdict, priority: 5 }))).toEqual(['event'])
    expect(tails(voiceOf(heavy).delivery({ ...verdict, priority: 3 }))).toEqual([
      'event',
      'readings',
    ])
  })
})

describe('the events of a verdict', () => {
  it('are told but for the gap, which goes with the readings', () => {
    const publications = voiceOf().events(verdict.events)
    expect(publications.map(({ payload }) => JSON.parse(String(payload)).type)).toEqual([
      'resynchronised',
    ])
  })

  it('are left out under light pressure where only debugging needs them', () => {
    const light = shedder()
    light.level = 'light'
    expect(voiceOf(light).events(verdict.events)).toEqual([])
    expect(Object.fromEntries(light.counts)).toEqual({ 'debug-events': 1 })
  })
})

describe('a status is told', () => {
  const unhealthy: DeviceStatus = { ...recovering, health: 'unhealthy' }

  it('whole at first, then what is new and not too early', () => {
    const voice = voiceOf()
    expect(tails(voice.status(recovering, 0, 0))).toEqual([
      'availability',
      'status',
      'status/health',
      'status/circuit',
    ])
    expect(voice.status(unhealthy, 999, 0)).toEqual([])
    expect(tails(voice.status(unhealthy, 1_000, 0))).toEqual(['status', 'status/health'])
    expect(voice.status(unhealthy, 2_000, 0)).toEqual([])
  })

  it('whole again for a broker that may know nothing', () => {
    const voice = voiceOf()
    voice.status(recovering, 0, 0)
    expect(tails(voice.birth(recovering, 1, 0))).toHaveLength(4)
    expect(voice.status(recovering, 2, 0)).toEqual([])
  })

  it('without its counters under moderate pressure, health all the same', () => {
    const moderate = shedder()
    const voice = voiceOf(moderate)
    voice.status(recovering, 0, 0)
    moderate.level = 'moderate'
    const publications = voice.status(unhealthy, 5_000, 0)
    expect(tails(publications)).toEqual(['status', 'status/health'])
    expect(publications[0]?.payload).not.toContain('"frames"')
  })
})
