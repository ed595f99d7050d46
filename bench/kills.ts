import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { killCourse } from '../test/faults/kills.js'
import { percentile } from './percentile.js'

// kill -9 of the real process under load, over and over: what a consumer on a real Mosquitto gets.
const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    rate: { type: 'string', default: '500' },
    devices: { type: 'string', default: '5' },
    json: { type: 'boolean', default: false },
  },
})
const [cycles, seed, rate, devices] = [values.kills, values.seed, values.rate, values.devices].map(
  Number,
) as [number, number, number, number]
const outcome = await killCourse({ cycles, seed, rate, devices })
const { lost, wrong, twoFaced, disordered, repeated } = outcome
const figures = {
  kills: cycles,
  seed,
  rate,
  frames: outcome.frames,
  readings: outcome.readings,
  lost: lost.length,
  wrong: wrong.length,
  twoFaced: twoFaced.length,
  disordered: disordered.length,
  repeatedMost: Math.max(...repeated),
  // A window, and what settles until the next checkpoint is written.
  repeatedAllowed: 256 + 512,
  uncertain: outcome.uncertain,
  keyframesRequested: outcome.requests,
  events: JSON.stringify(outcome.events),
  startP50Ms: Math.round(percentile(outcome.startsMs, 0.5)),
  startMostMs: Math.round(Math.max(...outcome.startsMs)),
  machine: `${cpus()[0]?.model.trim()} × ${cpus().length}, Node ${process.versions.node}`,
}
const failed =
  lost.length + wrong.length + twoFaced.length + disordered.length > 0 ||
  figures.repeatedMost > figures.repeatedAllowed
if (values.json) console.log(JSON.stringify({ ...figures, ok: !failed }))
else {
  for (const [name, value] of Object.entries(figures)) console.log(`${name}: ${value}`)
  for (const complaint of [...lost, ...wrong, ...twoFaced, ...disordered].slice(0, 20))
    console.log(complaint)
}
process.exitCode = failed ? 1 : 0
