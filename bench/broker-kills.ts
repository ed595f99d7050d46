import { parseArgs } from 'node:util'
import { brokerKillCourse } from '../test/faults/broker-kills.js'
import { printFigures } from './figures.js'

/**
 * Kills a real broker under the real process at random moments. Exits with 1 where the bridge loses a frame, or where a
 * consumer sees a wrong reading or a key with two contents.
 *
 * node dist/bench/broker-kills.js --kills 50 --rate 500 --devices 10 --seed 1 [--json]
 */
const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '50' },
    rate: { type: 'string', default: '500' },
    devices: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
})
const kills = Number(values.kills)
const rate = Number(values.rate)
const seed = Number(values.seed)
const outcome = await brokerKillCourse({ kills, rate, devices: Number(values.devices), seed })
const { ledger, lost } = outcome
printFigures(
  {
    kills,
    rate,
    seed,
    frames: outcome.frames,
    killsInFlow: outcome.inFlow,
    lost: lost.length,
    lostInBroker: outcome.lostInBroker,
    wrong: ledger.wrong.length,
    disordered: ledger.disordered.length,
    twoFaced: ledger.twoFaced.length,
    repeated: ledger.repeated,
    uncertain: ledger.uncertain,
    keyframesRequested: outcome.requests,
  },
  [
    ...lost.map((key) => `lost: ${key}`),
    ...ledger.wrong,
    ...ledger.twoFaced.map((key) => `two contents: ${key}`),
    ...ledger.disordered.map((key) => `out of order: ${key}`),
  ],
  values.json,
)
