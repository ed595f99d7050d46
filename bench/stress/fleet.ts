import { CompactEncoder } from '../../src/alec/index.js'
import {
  compileProfile,
  Fleet,
  type FleetHandlers,
  type PeerPolicy,
} from '../../src/device/index.js'
import { defaultCircuitPolicy } from '../../src/resilience/index.js'
import { type Comparison, type Course, portion, type Work } from './course.js'
import { compactModel } from './models.js'
import { sineValues } from './signal.js'

const EMITTERS = 100
const MESSAGES = 1000
const INTERVAL = 1000
const MODEL = 'sensor'
const PEERS: PeerPolicy = { deviations: 3, minimum: 3 }
/** A check that looked at all others for every message would show. No more than have a room each at the same time. */
const MANY = 1000
const FEW_MESSAGES = 100

/** Every message from its emitter's encoder through its device's room, and held against those of all the others. */
export const fleet: Course = {
  name: 'fleet',
  does: `${EMITTERS} emitters that send ${MESSAGES} messages each, with the check whether one leaves the others`,
  unit: 'messages',
  floor: 10_000,
  target: 1_000_000,
  prepare: (share) => sent(EMITTERS, portion(MESSAGES, share), PEERS),
}

/** What it costs to hold every message against those of all the others. */
export const peersCost: Comparison = {
  name: 'peers, against a fleet without',
  does: `the same with ${MANY} emitters, with the check and without`,
  most: 1.6,
  prepare(share) {
    const messages = portion(FEW_MESSAGES, share)
    return { work: sent(MANY, messages, PEERS), baseline: sent(MANY, messages, undefined) }
  },
}

function sent(emitters: number, rounds: number, peers: PeerPolicy | undefined): Work {
  const ids = Array.from({ length: emitters }, (_, n) => `emitter-${n}`)
  const encoders = ids.map(() => new CompactEncoder({ channels: 1 }))
  const values = sineValues(rounds + emitters, 1)
  let good = 0
  const rooms = openFleet(ids, peers, {
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
      for (let n = 0; n < emitters; n++) {
        // The same wave everywhere, a little later at each.
        value[0] = values[round + n]!
        rooms.accept({
          device: ids[n]!,
          bytes: encoders[n]!.encode(value),
          mono: INTERVAL * round,
          wall: INTERVAL * round,
          integrity: 'crc32',
          source: 'memory',
        })
      }
    }
    const messages = rounds * emitters
    if (good !== messages) throw new Error(`${good} of ${messages} messages are good`)
    return messages
  }
}

function openFleet(
  ids: readonly string[],
  peers: PeerPolicy | undefined,
  handlers: FleetHandlers,
): Fleet {
  const model = { ...compactModel(1), ...(peers && { peers }) }
  return new Fleet(
    {
      profiles: new Map([[MODEL, compileProfile(model)]]),
      devices: new Map(ids.map((id) => [id, MODEL])),
      policy: { circuit: defaultCircuitPolicy, flood: { perSecond: 1000, burst: 1000 } },
      unknownDevices: 'ignore',
      born: { mono: 0, wall: 0 },
    },
    handlers,
  )
}
