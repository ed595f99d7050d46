import { describe, expect, it } from 'vitest'
import { compileProfile, DeviceSession, type Verdict } from '../../src/device/index.js'
import { defaultBucketPolicy, defaultCircuitPolicy } from '../../src/resilience/index.js'
import { frameOf } from '../support/frames.js'
import { lies } from '../support/lies.js'
import {
  INTERVAL,
  MeasuredDevice,
  type MeasuredFrame,
  type Sending,
} from '../support/measured-device.js'
import { testSeed } from '../support/mulberry.js'

const kinds: readonly Sending[] = [
  'compact',
  'closed-loop',
  'single',
  'several-singles',
  'adaptive',
]

function rig(kind: Sending, seed: number) {
  const former = new MeasuredDevice(kind, 2, seed)
  const policy = { circuit: defaultCircuitPolicy, flood: defaultBucketPolicy }
  const session = new DeviceSession('d1', compileProfile(former.model), policy, {
    mono: 0,
    wall: 0,
  })
  const hear = ({ bytes }: MeasuredFrame, mono: number): Verdict =>
    session.accept(frameOf(bytes, mono))
  return { former, present: new MeasuredDevice(kind, 2, seed + 7919), session, hear }
}

describe('a device that starts again', () => {
  it.each(kinds)(
    'F-16: is never read wrong (%s): at every frame, with its first 0 … 10 lost',
    (kind) => {
      const found: string[] = []
      for (let index = 1; index <= 40; index++) {
        for (let lost = 0; lost <= 10; lost++) {
          const { former, present, session, hear } = rig(kind, testSeed + index)
          for (let n = 0; n < index; n++) hear(former.next(), n * INTERVAL)
          for (let n = 0; n < lost; n++) present.next()
          for (let n = lost; n < lost + 12; n++) {
            const frame = present.next()
            const verdict = hear(frame, (index + n) * INTERVAL)
            found.push(...lies(verdict, frame, `restart at ${index}, ${lost} lost, frame ${n}`))
            // A clean start, all of it known; or a new epoch in which nothing is.
            if (n > lost || verdict.kind !== 'readings') continue
            if (lost === 0) expect(verdict).toMatchObject({ epoch: 2, quality: 'good', seq: 0 })
            else expect(verdict.epoch, `${index} ${lost}`).toBe(2)
          }
          if (lost === 0) {
            const { reboots } = session.stream
            expect(reboots).toBe(1)
          }
        }
      }
      expect(found).toEqual([])
    },
  )

  it.each(kinds)(
    'F-16: is never read wrong (%s) where it sends as soon as it has started',
    (kind) => {
      const found: string[] = []
      for (let index = 2; index <= 20; index++) {
        for (const pause of [0.001, 0.2, 0.45, 0.7]) {
          // Just those are lost that the numbers of the former life hide.
          for (const lost of [index, index + 1, index + 4]) {
            const { former, present, hear } = rig(kind, testSeed + index)
            for (let n = 0; n < index; n++) hear(former.next(), n * INTERVAL)
            for (let n = 0; n < lost; n++) present.next()
            for (let n = lost; n < lost + 6; n++) {
              const frame = present.next()
              const verdict = hear(frame, (index - 1 + pause + n) * INTERVAL)
              found.push(...lies(verdict, frame, `restart at ${index}, ${lost} lost, frame ${n}`))
            }
          }
        }
      }
      expect(found).toEqual([])
    },
  )

  it.each(kinds)(
    'F-16: is never read wrong (%s) where the last frames before it and the first after it come at once',
    (kind) => {
      const found: string[] = []
      for (let index = 1; index <= 20; index++) {
        for (let held = 1; held <= 6; held++) {
          // Just those are lost that the numbers of the former life hide.
          for (const lost of [index + held, index + held + 1]) {
            const { former, present, hear } = rig(kind, testSeed + index)
            for (let n = 0; n < index; n++) hear(former.next(), n * INTERVAL)
            const on = (index + held + lost + 4) * INTERVAL
            former.requestKeyframe()
            for (let n = 0; n < held; n++) hear(former.next(), on + n)
            for (let n = 0; n < lost; n++) present.next()
            for (let n = 0; n < 12; n++) {
              const frame = present.next()
              const verdict = hear(frame, on + held + (n < 4 ? n : (n - 3) * INTERVAL))
              found.push(
                ...lies(verdict, frame, `${index}, ${held} held, ${lost} lost, frame ${n}`),
              )
            }
          }
        }
      }
      expect(found).toEqual([])
    },
  )

  it.each(kinds)(
    'F-16: is never read wrong (%s) where its very first frame was held up until those after its restart came',
    (kind) => {
      const found: string[] = []
      for (let index = 1; index <= 20; index++) {
        for (let lost = 2; lost <= 6; lost++) {
          const { former, present, hear } = rig(kind, testSeed + index)
          const on = (lost + 2) * INTERVAL
          hear(former.next(), on)
          for (let n = 0; n < lost; n++) present.next()
          for (let n = 0; n < 12; n++) {
            const frame = present.next()
            const verdict = hear(frame, on + 1 + (n < 2 ? n : (n - 1) * INTERVAL))
            found.push(...lies(verdict, frame, `${index}, ${lost} lost, frame ${n}`))
          }
        }
      }
      expect(found).toEqual([])
    },
  )
})
