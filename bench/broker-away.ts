import { parseArgs } from 'node:util'
import { brokerAwayCourse } from '../test/faults/broker-away.js'
import { printFigures, rounded } from './figures.js'

/**
 * Takes a real broker away from the real process under load. Exits with 1 where a reading is lost, wrong or out of order,
 * where a reading comes before the live status, or where the backlog is brought at less than five times the live rate.
 *
 * node dist/bench/broker-away.js --seconds 600 --rate 1000 --devices 10 --seed 1 [--json]
 */
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '600' },
    rate: { type: 'string', default: '1000' },
    devices: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
})
const SPEED = 5
const seconds = Number(values.seconds)
const rate = Number(values.rate)
const seed = Number(values.seed)
const outcome = await brokerAwayCourse({ seconds, rate, devices: Number(values.devices), seed })
const { ledger, readingsBeforeStatus, drainRate } = outcome
const lost = ledger.missing
const failures = [
  ...lost.map((key) => `lost: ${key}`),
  ...ledger.wrong,
  ...ledger.twoFaced.map((key) => `two contents: ${key}`),
  ...ledger.disordered.map((key) => `out of order: ${key}`),
]
if (readingsBeforeStatus > 0) failures.push(`${readingsBeforeStatus} readings before the status`)
if (!(drainRate >= SPEED * rate)) failures.push(`drained at ${rounded(drainRate)} readings/s`)
printFigures(
  {
    seconds,
    rate,
    seed,
    frames: outcome.frames,
    waiting: outcome.waiting,
    lost: lost.length,
    wrong: ledger.wrong.length,
    disordered: ledger.disordered.length,
    twoFaced: ledger.twoFaced.length,
    repeated: ledger.repeated,
    uncertain: ledger.uncertain,
    keyframesRequested: outcome.requests,
    reconnectMs: rounded(outcome.reconnectMs),
    statusMs: rounded(outcome.statusMs),
    readingsBeforeStatus,
    drainMs: rounded(outcome.drainMs),
    drainPerSecond: rounded(drainRate),
    timesLiveRate: rounded(drainRate / rate, 1),
  },
  failures,
  values.json,
)
