import { parseArgs } from 'node:util'
import { lineKillCourse } from '../test/faults/line-kills.js'
import { printFigures } from './figures.js'

/**
 * Kills the real process under load on real pseudo-terminals, and looks into its journal each time. Exits with 1 where a frame
 * that was in it never became a reading, where a reading is wrong, or where more is repeated after a kill than a window and
 * what settles before a checkpoint.
 *
 * node dist/bench/line-kills.js --kills 100 --rate 500 --devices 4 --seed 1 --when flow|held [--json]
 */
const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '100' },
    rate: { type: 'string', default: '500' },
    devices: { type: 'string', default: '4' },
    seed: { type: 'string', default: '1' },
    when: { type: 'string', default: 'flow' },
    json: { type: 'boolean', default: false },
  },
})
const MOST_REPEATED = 256 + 128
const when = values.when === 'held' ? 'held' : 'flow'
const [kills, rate, devices, seed] = [values.kills, values.rate, values.devices, values.seed].map(
  Number,
) as [number, number, number, number]
const outcome = await lineKillCourse({ kills, rate, devices, seed, when })
const { ledger, lost, repeatedMost } = outcome
const failures = [
  ...lost.map((key) => `lost: ${key}`),
  ...ledger.wrong,
  ...ledger.twoFaced.map((key) => `two contents: ${key}`),
  ...ledger.disordered.map((key) => `out of order: ${key}`),
]
if (repeatedMost > MOST_REPEATED) failures.push(`${repeatedMost} repeated after one kill`)
printFigures(
  {
    kills,
    when,
    rate,
    seed,
    frames: outcome.frames,
    readings: ledger.readings - ledger.repeated,
    savedByJournal: outcome.saved,
    lost: lost.length,
    wrong: ledger.wrong.length,
    disordered: ledger.disordered.length,
    twoFaced: ledger.twoFaced.length,
    repeatedMost,
    repeatedAllowed: MOST_REPEATED,
    uncertain: ledger.uncertain,
    keyframesRequested: outcome.requests,
  },
  failures,
  values.json,
)
