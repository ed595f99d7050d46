import { describe, vi } from 'vitest'
import { systemClock } from '../../src/clock.js'
import { Mosquitto, withoutMosquitto } from '../support/mosquitto.js'
import { BrokerRig } from './broker-rig.js'
import { Observer } from './observer.js'
import { describeSource, type SourceBench } from './source-contract.js'

/** The broker as a test takes it away and brings it back. */
interface Outage {
  readonly url: () => string
  takeAway(): Promise<void>
  bringBack(): Promise<void>
  end(): Promise<void>
}

/** A source over its own links, and a device that is a plain MQTT client. */
async function benchOver(rig: BrokerRig, outage: Outage): Promise<SourceBench> {
  const { input, output } = rig.links
  input.start()
  output.start()
  await vi.waitFor(() => {
    if (output.state.kind !== 'open') throw new Error('the output is not open')
  })
  const connectDevice = () => Observer.of(outage.url(), 'alec/node-1/command')
  let device = await connectDevice()
  return {
    source: rig.source,
    clock: systemClock,
    device: 'node-1',
    integrity: 'mqtt',
    deliver: (frame) => device.publish('alec/node-1/frame', frame),
    deliverUnknown: (frame) => device.publish('alec/node.1/frame', frame),
    deliverGarbage: () => device.publish('alec/node-1/frame', new Uint8Array(4097)),
    downlinks: () => device.seen.map(({ bytes }) => bytes),
    takeAway: () => outage.takeAway(),
    bringBack: async () => {
      await outage.bringBack()
      await device.close()
      device = await connectDevice()
    },
    close: async () => {
      await device.close()
      await rig.links.stop()
      await outage.end()
    },
  }
}

describeSource('MQTT over the embedded broker', async () => {
  const rig = new BrokerRig({ kind: 'embedded', host: '127.0.0.1', port: 0 })
  const { embedded } = rig.links
  if (!embedded) throw new Error('the rig has no embedded broker')
  await embedded.start()
  return benchOver(rig, {
    url: () => embedded.address ?? '',
    takeAway: () => embedded.stop(),
    bringBack: () => embedded.start(),
    end: () => embedded.stop(),
  })
})

describe.skipIf(withoutMosquitto())('with a real broker', () => {
  describeSource('MQTT over Mosquitto', async () => {
    const broker = await Mosquitto.start()
    return benchOver(BrokerRig.over([broker.url]), {
      url: () => broker.url,
      takeAway: () => broker.kill(),
      bringBack: () => broker.restart(),
      end: () => broker.stop(),
    })
  })
})
