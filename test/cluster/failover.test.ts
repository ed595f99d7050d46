import { expect, it } from 'vitest'
import { systemClock } from '../../src/clock.js'
import { RedisStore, rabbitQueues } from '../../src/cluster/index.js'
import { type MutualTls, TestAuthority, withoutOpenssl } from '../support/certificates.js'
import { RabbitMq, withoutRabbitMq } from '../support/rabbitmq.js'
import { Redis, withoutRedis } from '../support/redis.js'
import { Plant, until } from './plant.js'
import { Relay } from './relay.js'
import { describeSharing, expectAllWell, FIRST, SECOND, type Stage } from './shared-courses.js'

const PARTITIONS = 6
const isSkipped = [withoutRabbitMq(), withoutRedis(), withoutOpenssl()].includes(true)

/** By TLS on a real RabbitMQ and a real Redis, with somebody in between who can cut the connections to the queues. */
interface QueueStage extends Stage {
  readonly rabbit: RabbitMq
  readonly relay: Relay
  readonly ours: MutualTls
  /** An authority that nobody there trusts. */
  readonly other: TestAuthority
}

async function open(): Promise<QueueStage> {
  const [authority, other] = [new TestAuthority(), new TestAuthority('another authority')]
  const { cert: ca } = authority
  const theirs = { ...authority.issue({ commonName: 'store', names: 'IP:127.0.0.1' }), ca }
  const ours = { ...authority.issue({ commonName: 'b1' }), ca }
  const [rabbit, redis] = await Promise.all([RabbitMq.start(theirs), Redis.start(theirs)])
  const relay = await Relay.before(rabbit.amqpPort)
  const plant = await Plant.build({
    mqttUrl: rabbit.mqttUrl,
    redis,
    group: 'plant-1',
    devices: 18,
    rate: 90,
    partitions: PARTITIONS,
    frames: { amqp: rabbit.amqpUrlAt(relay.port) },
    tls: ours,
    announces: true,
  })
  const close = async () => {
    await plant.close()
    await relay.close()
    await Promise.all([rabbit.stop(), redis.stop()])
    authority.remove()
    other.remove()
  }
  return { plant, redis, rabbit, relay, ours, other, close }
}

let opened: QueueStage
describeSharing(
  'bridges that share their devices by queues',
  isSkipped,
  async () => {
    opened = await open()
    return opened
  },
  (course) => {
    it.each<[string, () => Partial<MutualTls>, RegExp]>([
      [
        'trusts somebody else',
        () => ({ ...opened.ours, ca: opened.other.cert }),
        /SELF_SIGNED|UNABLE_TO/,
      ],
      ['shows no certificate', () => ({ ca: opened.ours.ca }), /alert|ALERT|ECONNRESET|closed/],
      [
        'shows one of another authority',
        () => ({ ...opened.other.issue({ commonName: 'b1' }), ca: opened.ours.ca }),
        /alert|ALERT|ECONNRESET|closed/,
      ],
    ])('let nobody come to queues or store who %s', async (_who, pems, reason) => {
      const { rabbit, redis } = opened
      const tls = pems()
      const access = { urls: [rabbit.amqpUrl], tls, name: 'stranger' }
      const opening = rabbitQueues(access)(() => {})
      await expect(opening).rejects.toSatisfy(({ code, message }) =>
        reason.test(`${code} ${message}`),
      )
      const clock = systemClock
      const store = new RedisStore({ url: redis.url, ...tls, group: 'g', run: 'r', clock })
      const state = await new Promise((resolve) => store.start(resolve))
      await store.stop()
      expect(state).toMatchObject({ kind: 'away' })
      expect(JSON.stringify(state)).toMatch(reason)
    })

    course('have half of the partitions each', async ({ plant }) => {
      for (const id of [FIRST, SECOND]) await until(() => plant.owned(id) === PARTITIONS / 2)
    })

    course('lose nothing where their connections to the queues are cut', async (there) => {
      const { plant, relay } = there
      plant.run()
      await plant.flowing()
      relay.cut()
      await plant.flowing()
      await expectAllWell(there)
    })
  },
)
