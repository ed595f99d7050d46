import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { assertBuilt } from '../e2e/program.js'
import { DealingBroker } from '../support/dealing-broker.js'
import { Mosquitto, withoutMosquitto } from '../support/mosquitto.js'
import { Redis, withoutRedis } from '../support/redis.js'
import { Plant, pause, until } from './plant.js'

const DEVICES = 18
/** A bridge that says nothing is gone after half as long again. */
const KEEPALIVE_S = 2

/** Two bridges that share subscriptions on a broker that hashes, and a real Redis, in all kinds of trouble. */
describe.skipIf(withoutRedis())('bridges that share their devices by topics', () => {
  let broker: DealingBroker
  let redis: Redis
  let plant: Plant
  const [first, second] = ['b1', 'b2'] as const

  beforeAll(async () => {
    assertBuilt()
    redis = await Redis.start()
    broker = await DealingBroker.start({ keepaliveS: KEEPALIVE_S })
    plant = await Plant.build({
      mqttUrl: broker.url,
      frames: { mqtt: 'broker' },
      redis,
      group: 'plant-1',
      devices: DEVICES,
      rate: 90,
    })
    await plant.start(first)
    await plant.warmUp()
  }, 60_000)

  afterAll(async () => {
    await plant?.close()
    await broker?.close()
    await redis?.stop()
  })

  /** No frame is lost and none is read wrong, whatever came twice; and no device was asked for anything. */
  async function expectAllWell(): Promise<void> {
    await plant.settle()
    const { lost, wrong, twoFaced, disordered, uncertain } = plant.complaints()
    const { requests: asked } = plant
    const unheard = broker.unheard.filter((share) => !share.includes('-probe-'))
    expect({ lost, wrong, twoFaced, disordered, uncertain, asked, unheard }).toEqual({
      lost: [],
      wrong: [],
      twoFaced: [],
      disordered: [],
      uncertain: 0,
      asked: 0,
      unheard: [],
    })
  }

  it('go on without a gap where one joins and takes some of them over', async () => {
    plant.run()
    await plant.flowing()
    await plant.start(second)
    await plant.flowing()
    const spoken = () => new Set(plant.nodes.map(({ id }) => plant.speakerOf(id)))
    await until(() => spoken().has(second) && spoken().has(first))
    await expectAllWell()
  }, 60_000)

  it('go on without a keyframe where one is killed', async () => {
    plant.run()
    await plant.bridge(first).end('SIGKILL')
    await plant.flowing()
    await plant.start(first)
    await plant.flowing()
    await expectAllWell()
  }, 60_000)

  it('hand over without repeating anything where one is told to stop', async () => {
    plant.run()
    await plant.flowing()
    const before = plant.complaints().repeated
    await plant.bridge(second).end('SIGTERM')
    await plant.flowing()
    await expectAllWell()
    expect(plant.complaints().repeated).toBe(before)
    await plant.start(second)
  }, 60_000)

  it('lose nothing where their state store is killed and has forgotten everything', async () => {
    plant.run()
    await plant.flowing()
    await redis.kill()
    redis.wipe()
    await pause(500)
    await redis.restart()
    await plant.flowing()
    await expectAllWell()
    const words = plant.bridge(first).log.map(({ msg }) => msg)
    expect(words).toContain('state store away')
  }, 60_000)

  it('overwrite nothing where one is paused until another has its devices', async () => {
    plant.run()
    await plant.flowing()
    const paused = plant.bridge(first)
    paused.signal('SIGSTOP')
    await plant.flowing()
    paused.signal('SIGCONT')
    await plant.flowing()
    await expectAllWell()
  }, 60_000)
})

describe.skipIf([withoutRedis(), withoutMosquitto()].includes(true))(
  'on a broker that deals in turn',
  () => {
    it('a bridge takes nothing, and says why', async () => {
      assertBuilt()
      const [redis, mosquitto] = await Promise.all([Redis.start(), Mosquitto.start()])
      const plant = await Plant.build({
        mqttUrl: mosquitto.url,
        frames: { mqtt: 'broker' },
        redis,
        group: 'plant-2',
        devices: 1,
        rate: 1,
      })
      onTestFinished(async () => {
        await plant.close()
        await Promise.all([redis.stop(), mosquitto.stop()])
      })
      const bridge = plant.bridge('b1')
      await bridge.start()
      await until(() => bridge.log.some(({ reason }) => /several subscribers/.test(String(reason))))
      await plant.send(3)
      await until(() => plant.statusOf('b1').includes('several subscribers'))
      expect(plant.observer.seen).toEqual([])
    }, 30_000)
  },
)
