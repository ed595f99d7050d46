import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/clock.js'
import { RedisStore, rabbitQueues } from '../../src/cluster/index.js'
import { assertBuilt } from '../e2e/program.js'
import { type MutualTls, TestAuthority, withoutOpenssl } from '../support/certificates.js'
import { RabbitMq, withoutRabbitMq } from '../support/rabbitmq.js'
import { Redis, withoutRedis } from '../support/redis.js'
import { Plant, pause, until } from './plant.js'
import { Relay } from './relay.js'

const PARTITIONS = 6
const skipped = [withoutRabbitMq(), withoutRedis(), withoutOpenssl()].includes(true)

/** Two bridges in a group, by TLS on a real RabbitMQ and a real Redis, one after the other in all kinds of trouble. */
describe.skipIf(skipped)('bridges that share their devices', () => {
  let rabbit: RabbitMq
  let redis: Redis
  let relay: Relay
  let plant: Plant
  let authority: TestAuthority
  let other: TestAuthority
  let ours: MutualTls
  const [first, second] = ['b1', 'b2'] as const

  beforeAll(async () => {
    assertBuilt()
    authority = new TestAuthority()
    other = new TestAuthority('another authority')
    const { cert: ca } = authority
    const theirs = { ...authority.issue({ commonName: 'store', names: 'IP:127.0.0.1' }), ca }
    ours = { ...authority.issue({ commonName: 'b1' }), ca }
    ;[rabbit, redis] = await Promise.all([RabbitMq.start(theirs), Redis.start(theirs)])
    relay = await Relay.before(rabbit.amqpPort)
    plant = await Plant.build({
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
    await plant.start(first)
    await plant.warmUp()
  }, 120_000)

  afterAll(async () => {
    await plant?.close()
    await relay?.close()
    await Promise.all([rabbit?.stop(), redis?.stop()])
    authority?.remove()
    other?.remove()
  })

  /** No frame is lost and none is read wrong, whatever came twice; and no device was asked for anything. */
  async function expectAllWell(): Promise<void> {
    await plant.settle()
    const { lost, wrong, twoFaced, disordered, uncertain } = plant.complaints()
    expect({ lost, wrong, twoFaced, disordered, uncertain, asked: plant.requests }).toEqual({
      lost: [],
      wrong: [],
      twoFaced: [],
      disordered: [],
      uncertain: 0,
      asked: 0,
    })
  }

  it.each<[string, () => Partial<MutualTls>, RegExp]>([
    ['trusts somebody else', () => ({ ...ours, ca: other.cert }), /SELF_SIGNED|UNABLE_TO/],
    ['shows no certificate', () => ({ ca: ours.ca }), /alert|ALERT|ECONNRESET|closed/],
    [
      'shows one of another authority',
      () => ({ ...other.issue({ commonName: 'b1' }), ca: ours.ca }),
      /alert|ALERT|ECONNRESET|closed/,
    ],
  ])('comes to neither queues nor store where it %s', async (_who, pems, reason) => {
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

  it('gives each its share once another joins', async () => {
    plant.run()
    await plant.start(second)
    for (const id of [first, second]) await until(() => plant.owned(id) === PARTITIONS / 2)
    await expectAllWell()
  }, 120_000)

  it('go on without a keyframe where one is killed, again and again', async () => {
    plant.run()
    for (const victim of [first, second, first]) {
      await plant.bridge(victim).end('SIGKILL')
      await plant.flowing()
      await plant.start(victim)
    }
    await expectAllWell()
  }, 120_000)

  it('hand over without repeating anything where one is told to stop, status and all', async () => {
    plant.run()
    await plant.flowing()
    const before = plant.complaints().repeated
    await plant.bridge(second).end('SIGTERM')
    await plant.flowing()
    await expectAllWell()
    expect(plant.complaints().repeated).toBe(before)
    await until(() => plant.nodes.every(({ id }) => plant.speakerOf(id) === first))
    await until(() => plant.nodes.every(({ id }) => plant.announcerOf(id) === first))
    await plant.start(second)
  }, 120_000)

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
  }, 120_000)

  it('lose nothing where their connections to the queues are cut', async () => {
    plant.run()
    await plant.flowing()
    relay.cut()
    await plant.flowing()
    await expectAllWell()
  }, 120_000)

  it('overwrite nothing where one is paused until another has its devices', async () => {
    const ids = [first, second]
    await until(() => ids.some((id) => plant.owned(id) > 0))
    const paused = plant.bridge(ids.find((id) => plant.owned(id) > 0) ?? first)
    plant.run()
    await plant.flowing()
    paused.signal('SIGSTOP')
    await plant.flowing(60_000)
    paused.signal('SIGCONT')
    await pause(1500)
    await expectAllWell()
  }, 120_000)
})
