import { afterEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/clock.js'
import { DealingProbe } from '../../src/cluster/dealing-probe.js'
import { brokerDoor } from '../../src/transport/index.js'
import { DealingBroker, type DealingOptions } from '../support/dealing-broker.js'
import { Mosquitto, withoutMosquitto } from '../support/mosquitto.js'

/** What the probe says of the broker at this URL: nothing where it can be used. */
async function verdictOn(url: string): Promise<{ code: string; reason: string } | undefined> {
  const access = { urls: [url], protocol: '5' as const }
  const door = (clientId: string) => {
    const identity = { clientId, clean: true, group: 'g-probe', receiveMaximum: 1 }
    return brokerDoor(access, identity, systemClock)
  }
  const probe = new DealingProbe({
    doors: [door('b1-probe-1'), door('b1-probe-2')],
    topic: 'alec/bridge/b1/probe/x',
    clock: systemClock,
  })
  return probe.result.then(
    () => undefined,
    ({ code, reason }) => ({ code, reason }),
  )
}

describe('the probe of a broker’s shared subscriptions', () => {
  let broker: DealingBroker | undefined
  afterEach(() => broker?.close())

  it('is content with one that hashes by topic', async () => {
    broker = await DealingBroker.start()
    expect(await verdictOn(broker.url)).toBeUndefined()
  })

  it.each<[string, DealingOptions, string, RegExp]>([
    ['deals in turn', { deals: 'in-turn' }, 'deals-in-turn', /several subscribers.*hash by topic/],
    [
      'looks for whoever is free',
      { deals: 'whoever-is-free' },
      'deals-in-turn',
      /several subscribers/,
    ],
    ['offers no shares', { shares: false }, 'no-shared-subscriptions', /no.* shared subscriptions/],
    ['confirms nothing', { mostQos: 0 }, 'no-shared-subscriptions', /does not offer QoS 1/],
    ['is of the time before MQTT 5', { isOld: true }, 'connack-1', /does not speak MQTT 5/],
  ])('explains why it cannot use one that %s', async (_what, options, code, reason) => {
    broker = await DealingBroker.start(options)
    const verdict = await verdictOn(broker.url)
    expect(verdict).toEqual({ code, reason: expect.stringMatching(reason) })
  })

  it('says so where nobody is there', async () => {
    expect(await verdictOn('mqtt://127.0.0.1:1')).toMatchObject({ code: 'ECONNREFUSED' })
  })

  describe.skipIf(withoutMosquitto())('on a real Mosquitto', () => {
    it('finds that it deals in turn', async () => {
      const mosquitto = await Mosquitto.start()
      try {
        expect(await verdictOn(mosquitto.url)).toMatchObject({ code: 'deals-in-turn' })
      } finally {
        await mosquitto.stop()
      }
    })
  })
})
