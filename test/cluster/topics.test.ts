import { describe, expect, it, onTestFinished } from 'vitest'
import { assertBuilt } from '../e2e/program.js'
import { DealingBroker } from '../support/dealing-broker.js'
import { Mosquitto, withoutMosquitto } from '../support/mosquitto.js'
import { Redis, withoutRedis } from '../support/redis.js'
import { Plant, until } from './plant.js'
import { describeSharing } from './shared-courses.js'

/** A bridge that says nothing is gone after half as long again: longer than a loaded machine lets one wait. */
const KEEPALIVE_S = 4

/** Shared subscriptions on a broker that hashes. */
describeSharing('bridges that share their devices by topics', withoutRedis(), async () => {
  const redis = await Redis.start()
  const broker = await DealingBroker.start({ keepaliveS: KEEPALIVE_S })
  const plant = await Plant.build({
    mqttUrl: broker.url,
    frames: { mqtt: 'broker' },
    redis,
    group: 'plant-1',
    devices: 18,
    rate: 90,
    announces: true,
  })
  const complaints = () => broker.unheard.filter((share) => !share.includes('-probe-'))
  const close = async () => {
    await plant.close()
    await broker.close()
    await redis.stop()
  }
  return { plant, redis, complaints, close }
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
