import { compileProfile, Fleet, type FleetHandlers } from '../../src/device/index.js'
import type { Frame } from '../../src/framing/index.js'
import { defaultCircuitPolicy } from '../../src/resilience/index.js'
import { type Course, portion } from './course.js'
import { compactFrames } from './frames.js'
import { compactModel } from './models.js'

const EMITTERS = 100
const MESSAGES = 1000
const MODEL = 'sensor'
const PEERS = { deviations: 3, minimum: 3 }

/** Every message through its device's room, and held against those of all the others. */
export const fleet: Course = {
  name: 'fleet',
  does: `${EMITTERS} emitters that send ${MESSAGES} messages each, with the check whether one leaves the others`,
  unit: 'messages',
  floor: 10_000,
  target: 1_000_000,
  prepare(share) {
    const frames = framesInTurn(portion(MESSAGES, share))
    let good = 0
    const rooms = openFleet({
      onVerdict: (verdict) => {
        if (verdict.kind === 'readings' && verdict.quality === 'good') good++
      },
      onAccepted: () => {},
      onInternalError: (_device, error) => {
        throw error
      },
    })
    return () => {
      for (const frame of frames) rooms.accept(frame)
      if (good !== frames.length) throw new Error(`${good} of ${frames.length} messages are good`)
      return frames.length
    }
  },
}

const idOf = (emitter: number): string => `emitter-${emitter}`

function openFleet(handlers: FleetHandlers): Fleet {
  const ids = Array.from({ length: EMITTERS }, (_, emitter) => idOf(emitter))
  return new Fleet(
    {
      profiles: new Map([[MODEL, compileProfile({ ...compactModel(1), peers: PEERS })]]),
      devices: new Map(ids.map((id) => [id, MODEL])),
      policy: { circuit: defaultCircuitPolicy, flood: { perSecond: 1000, burst: 1000 } },
      unknownDevices: 'ignore',
      born: { mono: 0, wall: 0 },
    },
    handlers,
  )
}

/** One message of every emitter a second. */
function framesInTurn(messages: number): Frame[] {
  const streams = Array.from({ length: EMITTERS }, (_, emitter) =>
    compactFrames(1, messages, emitter / EMITTERS),
  )
  return Array.from({ length: messages * EMITTERS }, (_, n) => {
    const emitter = n % EMITTERS
    const round = Math.floor(n / EMITTERS)
    return {
      device: idOf(emitter),
      bytes: streams[emitter]![round]!,
      mono: 1000 * round,
      wall: 1000 * round,
      integrity: 'crc32',
      source: 'memory',
    }
  })
}
