import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { assertBuilt } from '../e2e/program.js'
import type { Redis } from '../support/redis.js'
import { type Plant, pause, until } from './plant.js'

/** A broker and a store, a plant at them, and the first of its bridges. */
export interface Stage {
  readonly plant: Plant
  readonly redis: Redis
  /** What the broker itself has against the bridges. */
  readonly complaints?: () => readonly string[]
  close(): Promise<void>
}

export const [FIRST, SECOND] = ['b1', 'b2'] as const
const LIMIT_MS = 120_000

/** No frame is lost and none is read wrong, whatever came twice; and no device was asked for anything. */
export async function expectAllWell({ plant, complaints = () => [] }: Stage): Promise<void> {
  await plant.settle()
  const { lost, wrong, twoFaced, disordered, uncertain } = plant.complaints()
  const [asked, ofBroker] = [plant.requests, complaints()]
  expect({ lost, wrong, twoFaced, disordered, uncertain, asked, ofBroker }).toEqual({
    lost: [],
    wrong: [],
    twoFaced: [],
    disordered: [],
    uncertain: 0,
    asked: 0,
    ofBroker: [],
  })
}

/**
 * What holds for two bridges that share their devices, however the broker deals frames: one after the other in all kinds of
 * trouble, on a real store. `more` is what holds besides; it begins with both bridges there.
 */
export function describeSharing(
  name: string,
  isSkipped: boolean,
  open: () => Promise<Stage>,
  more: (stage: () => Stage) => void = () => {},
): void {
  describe.skipIf(isSkipped)(name, () => {
    let stage: Stage | undefined
    const there = (): Stage => {
      if (!stage) throw new TypeError('the stage is not open')
      return stage
    }

    beforeAll(async () => {
      assertBuilt()
      stage = await open()
      await stage.plant.start(FIRST)
      await stage.plant.warmUp()
    }, LIMIT_MS)

    afterAll(() => stage?.close())

    it(
      'go on without a gap where one joins and takes some of them over',
      async () => {
        const { plant } = there()
        plant.run()
        await plant.flowing()
        await plant.start(SECOND)
        await plant.flowing()
        const spoken = () => new Set(plant.nodes.map(({ id }) => plant.speakerOf(id)))
        await until(() => spoken().has(SECOND) && spoken().has(FIRST))
        await expectAllWell(there())
      },
      LIMIT_MS,
    )

    it(
      'go on without a keyframe where one is killed, and then the other',
      async () => {
        const { plant } = there()
        plant.run()
        for (const victim of [FIRST, SECOND]) {
          await plant.bridge(victim).end('SIGKILL')
          await plant.flowing()
          await plant.start(victim)
          await plant.flowing()
        }
        await expectAllWell(there())
      },
      LIMIT_MS,
    )

    it(
      'hand over without repeating anything where one is told to stop, status and all',
      async () => {
        const { plant } = there()
        plant.run()
        await plant.flowing()
        const before = plant.complaints().repeated
        await plant.bridge(SECOND).end('SIGTERM')
        await plant.flowing()
        await expectAllWell(there())
        expect(plant.complaints().repeated).toBe(before)
        await until(() => plant.nodes.every(({ id }) => plant.speakerOf(id) === FIRST))
        await until(() => plant.nodes.every(({ id }) => plant.announcerOf(id) === FIRST))
        await plant.start(SECOND)
      },
      LIMIT_MS,
    )

    it(
      'lose nothing where their state store is killed and has forgotten everything',
      async () => {
        const { plant, redis } = there()
        plant.run()
        await plant.flowing()
        await redis.kill()
        redis.wipe()
        await pause(500)
        await redis.restart()
        await plant.flowing()
        await expectAllWell(there())
        const words = plant.bridge(FIRST).log.map(({ msg }) => msg)
        expect(words).toContain('state store away')
      },
      LIMIT_MS,
    )

    more(there)

    it(
      'overwrite nothing where one is paused until another has its devices',
      async () => {
        const { plant } = there()
        const ids = [FIRST, SECOND]
        plant.run()
        await plant.flowing()
        await until(() => ids.some((id) => plant.owned(id) > 0))
        const paused = plant.bridge(ids.find((id) => plant.owned(id) > 0) ?? FIRST)
        paused.signal('SIGSTOP')
        await plant.flowing(60_000)
        paused.signal('SIGCONT')
        await plant.flowing()
        await expectAllWell(there())
      },
      LIMIT_MS,
    )
  })
}
