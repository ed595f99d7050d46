import { Bridge } from '../../src/bridge.js'
import { type Configuration, checkConfiguration } from '../../src/config/index.js'
import { connectBroker, MemorySource, Publisher } from '../../src/transport/index.js'
import { Sink } from '../leak/sink.js'
import { SteppedClock } from '../leak/stepped-clock.js'
import { quietLog, restingGauge } from '../quiet.js'
import { type Comparison, type Course, portion, type Work } from './course.js'
import { compactFrames } from './frames.js'

const DEVICES = 100
const CHANNELS = 4
const FRAMES = 1000
/** So many frames come before others get their turn; the publisher's window must hold them. */
const BATCH = 200

const ids = Array.from({ length: DEVICES }, (_, n) => `device-${n}`)

/** The whole bridge between a door and a broker that are both only memory. */
export const hallway: Course = {
  name: 'hallway in memory',
  does: `frames of ${DEVICES} devices with ${CHANNELS} channels, from the door to the broker`,
  unit: 'frames',
  prepare: (share) => bridged(framesOf(share)),
}

/** What decoding, bounds, status and JSON cost over handing the bytes on. */
export const hallwayCost: Comparison = {
  name: 'hallway, against copying bytes',
  does: 'the same door and the same publisher, the frame itself as payload',
  most: 20,
  prepare(share) {
    const frames = framesOf(share)
    return { work: bridged(frames), baseline: copied(frames) }
  },
}

/** Every device sends the same; by round. */
const framesOf = (share: number): readonly Uint8Array[] =>
  compactFrames(CHANNELS, portion(FRAMES, share))

function bridged(frames: readonly Uint8Array[]): Work {
  const clock = new SteppedClock()
  const sink = new Sink()
  const door = new MemorySource({ clock })
  const bridge = new Bridge({
    configuration,
    version: '0',
    clock,
    random: () => 0.5,
    log: quietLog,
    gauge: restingGauge,
    sources: [door],
    brokerDoor: () => sink,
  })
  return async () => {
    await bridge.start()
    await turn()
    const count = await deliver(frames, door, clock)
    await ended(bridge.stop(), clock)
    if (sink.taken < count) throw new Error(`${sink.taken} messages of ${count} frames`)
    return count
  }
}

function copied(frames: readonly Uint8Array[]): Work {
  const clock = new SteppedClock()
  const sink = new Sink()
  const door = new MemorySource({ clock })
  const { output } = connectBroker({
    config: configuration.broker,
    bridgeId: 'gw',
    will: { topic: 'alec/bridge/state', payload: 'offline', qos: 1, retain: true },
    clock,
    random: () => 0.5,
    door: () => sink,
  })
  const publisher = new Publisher({
    link: output,
    clock,
    state: { topic: 'alec/bridge/state', online: 'online', offline: 'offline' },
    retained: () => [],
  })
  return async () => {
    publisher.start()
    door.start({
      onFrame: ({ device, bytes }) => {
        publisher.publish({
          topic: `alec/${device}/readings`,
          payload: bytes,
          qos: 1,
          retain: false,
          whileAway: 'queue',
        })
        return true
      },
      onState: () => {},
      onUnknown: () => {},
      onBack: () => {},
    })
    await turn()
    const count = await deliver(frames, door, clock)
    await ended(publisher.stop(), clock)
    if (sink.taken < count) throw new Error(`${sink.taken} messages of ${count} frames`)
    return count
  }
}

/** One frame of every device a second; resolves with their number. */
async function deliver(
  frames: readonly Uint8Array[],
  door: MemorySource,
  clock: SteppedClock,
): Promise<number> {
  let count = 0
  for (const frame of frames) {
    for (const id of ids) {
      door.deliver(id, frame)
      if (++count % BATCH === 0) await turn()
    }
    clock.advance(1000)
  }
  await turn()
  return count
}

const turn = (): Promise<void> => new Promise(setImmediate)

/** Lets time pass until what was begun has ended. */
async function ended(end: Promise<void>, clock: SteppedClock): Promise<void> {
  let over = false
  void end.finally(() => {
    over = true
  })
  while (!over) {
    clock.advance(100)
    await turn()
  }
  await end
}

const configuration: Configuration = configurationOf({
  version: 1,
  broker: { url: 'mqtt://sink' },
  journal: { durability: 'end-to-end' },
  models: {
    climate: {
      frames: 'compact',
      interval: '1s',
      channels: Array.from({ length: CHANNELS }, (_, i) => ({
        name: `c${i}`,
        resolution: 0.1,
        min: -40,
        max: 85,
        max_step: 2,
      })),
    },
  },
  sources: [{ mqtt: { topic: 'alec/{device}/frame' } }],
  devices: Object.fromEntries(ids.map((id) => [id, { model: 'climate' }])),
})

function configurationOf(document: unknown): Configuration {
  const outcome = checkConfiguration(document, { cwd: '/', hostName: 'stress' })
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.problems))
  return outcome.configuration
}
