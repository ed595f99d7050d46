import { afterAll, describe, expect, it } from 'vitest'
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

/** States one thing that holds on a stage with both bridges, and leaves it so. */
export type Course<S extends Stage> = (name: string, run: (stage: S) => Promise<void>) => void

/**
 * What holds for two bridges that share their devices, however the broker deals frames: one after the other in all kinds of
 * trouble, on a real store. `more` is what holds besides.
 */
export function describeSharing<S extends Stage>(
  name: string,
  isSkipped: boolean,
  open: () => Promise<S>,
  more: (course: Course<S>) => void = () => {},
): void {
  describe.skipIf(isSkipped)(name, () => {
    let stage: S | undefined
    /** Whether the last course has left everything as another one may find it. */
    let isFit = false

    /** What a course that failed has left behind is no ground for another, nor for its second try. */
    const opened = async (bridges: readonly string[]): Promise<S> => {
      if (stage && isFit) return stage
      await stage?.close()
      stage = undefined
      assertBuilt()
      stage = await open()
      await stage.plant.start(FIRST)
      await stage.plant.warmUp()
      for (const id of bridges) if (id !== FIRST) await stage.plant.start(id)
      return stage
    }

    const courseOf =
      (...bridges: readonly string[]): Course<S> =>
      (what, run) => {
        it(
          what,
          async () => {
            const there = await opened(bridges)
            isFit = false
            await run(there)
            isFit = true
          },
          LIMIT_MS,
        )
      }
    const course = courseOf(FIRST, SECOND)

    afterAll(() => stage?.close())

    courseOf(FIRST)(
      'go on without a gap where one joins and takes some of them over',
      async (there) => {
        const { plant } = there
        plant.run()
        await plant.flowing()
        await plant.start(SECOND)
        await plant.flowing()
        const spoken = () => new Set(plant.nodes.map(({ id }) => plant.speakerOf(id)))
        await until(() => spoken().has(SECOND) && spoken().has(FIRST))
        await expectAllWell(there)
      },
    )

    course('go on without a keyframe where one is killed, and then the other', async (there) => {
      const { plant } = there
      plant.run()
      for (const victim of [FIRST, SECOND]) {
        await plant.bridge(victim).end('SIGKILL')
        await plant.flowing()
        await plant.start(victim)
        await plant.flowing()
      }
      await expectAllWell(there)
    })

    course(
      'hand over without repeating anything where one is told to stop while frames come, status and all',
      async (there) => {
        const { plant } = there
        plant.run()
        await plant.flowing()
        const before = plant.complaints().repeated
        let isOver = false
        const ended = plant.bridge(SECOND).end('SIGTERM')
        void ended.then(() => {
          isOver = true
        })
        while (!isOver) await plant.send(1)
        await plant.flowing()
        await expectAllWell(there)
        expect(plant.complaints().repeated).toBe(before)
        await until(() => plant.nodes.every(({ id }) => plant.speakerOf(id) === FIRST))
        await until(() => plant.nodes.every(({ id }) => plant.announcerOf(id) === FIRST))
        await plant.start(SECOND)
      },
    )

    course(
      'lose nothing where their state store is killed and has forgotten everything',
      async (there) => {
        const { plant, redis } = there
        plant.run()
        await plant.flowing()
        await redis.kill()
        redis.wipe()
        await pause(500)
        await redis.restart()
        await plant.flowing()
        await expectAllWell(there)
        const words = plant.bridge(FIRST).log.map(({ msg }) => msg)
        expect(words).toContain('state store away')
      },
    )

    more(course)

    course('overwrite nothing where one is paused until another has its devices', async (there) => {
      const { plant } = there
      const ids = [FIRST, SECOND]
      plant.run()
      await plant.flowing()
      await until(() => ids.some((id) => plant.owned(id) > 0))
      const paused = plant.bridge(ids.find((id) => plant.owned(id) > 0) ?? FIRST)
      paused.signal('SIGSTOP')
      await plant.flowing(60_000)
      paused.signal('SIGCONT')
      await plant.flowing()
      await expectAllWell(there)
    })
  })
}
