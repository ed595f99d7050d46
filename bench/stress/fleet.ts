import { CompactEncoder } from '../../src/alec/index.js'
import { compileProfile, Fleet, type FleetHandlers } from '../../src/device/index.js'
import { defaultCircuitPolicy } from '../../src/resilience/index.js'
import { type Course, portion } from './course.js'
import { compactModel } from './models.js'
import { sineValues } from './signal.js'

const EMITTERS = 100
const MESSAGES = 1000
const INTERVAL = 1000
const MODEL = 'sensor'
const PEERS = { deviations: 3, minimum: 3 }

/** Every message from its emitter's encoder through its device's room, and held against those of all the others. */
export const fleet: Course = {
  name: 'fleet',
  does: `${EMITTERS} emitters that send ${MESSAGES} messages each, with the check whether one leaves the others`,
  unit: 'messages',
  floor: 10_000,
  target: 1_000_000,
  prepare(share) {
    const rounds = portion(MESSAGES, share)
    const values = sineValues(rounds + EMITTERS, 1)
    const encoders = IDS.map(() => new CompactEncoder({ channels: 1 }))
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
      const value = [0]
      for (let round = 0; round < rounds; round++) {
        for (let emitter = 0; emitter < EMITTERS; emitter++) {
          // The same wave everywhere, a little later at each.
          value[0] = values[round + emitter]!
          rooms.accept({
            device: IDS[emitter]!,
            bytes: encoders[emitter]!.encode(value),
            mono: INTERVAL * round,
            wall: INTERVAL * round,
            integrity: 'crc32',
            source: 'memory',
          })
        }
      }
      const sent = rounds * EMITTERS
      if (good !== sent) throw new Error(`${good} of ${sent} messages are good`)
      return sent
    }
  },
}

const IDS: readonly string[] = Array.from(
  { length: EMITTERS },
  (_, emitter) => `emitter-${emitter}`,
)

function openFleet(handlers: FleetHandlers): Fleet {
  return new Fleet(
    {
      profiles: new Map([[MODEL, compileProfile({ ...compactModel(1), peers: PEERS })]]),
      devices: new Map(IDS.map((id) => [id, MODEL])),
      policy: { circuit: defaultCircuitPolicy, flood: { perSecond: 1000, burst: 1000 } },
      unknownDevices: 'ignore',
      born: { mono: 0, wall: 0 },
    },
    handlers,
  )
}
