import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import {
  createFleet,
  LineFaults,
  type PlannedDevice,
  parseScenario,
  planFleet,
  Random,
  SimulatedDevice,
} from '../../firmware-sim/index.js'
import { wrapFrame } from '../../src/framing/index.js'
import { LineSurvey, type Sighting, surveyDevice } from '../../src/survey/index.js'
import { judge } from './judgement.js'

const START = Date.UTC(2026, 0, 1)
const FRAMES = 250

const read = (path: string) =>
  readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8')
const scenario = (() => {
  const parsed = parseScenario(read('config/scenarios/demo.yaml'))
  return parsed.ok ? parsed.scenario : expect.fail('the demo scenario does not parse')
})()
const plan = planFleet(scenario)
const random = new Random(scenario.seed)

type PlannedWay =
  ReturnType<typeof planFleet>['ways'] extends ReadonlyMap<string, infer Way> ? Way : never

interface Arrival {
  readonly device: PlannedDevice
  readonly at: number
  readonly bytes: Uint8Array
}

/** What arrives of a way's devices, with all that the demo lets go wrong. */
function arrivals(way: PlannedWay): Arrival[] {
  const all = way.devices.flatMap((device) => {
    const simulated = new SimulatedDevice(device.spec, device.rates, random, START)
    const frames: Arrival[] = []
    while (frames.length < FRAMES) {
      const at = simulated.nextAt
      for (const { bytes } of simulated.step(at)) frames.push({ device, at: at - START, bytes })
    }
    return frames
  })
  return all.sort((a, b) => a.at - b.at)
}

const lines = [...plan.ways.values()].filter((way) => way.kind !== 'mqtt')
const brokers = [...plan.ways.values()].filter((way) => way.kind === 'mqtt')

describe('a survey of the demo fleet', () => {
  it('is of all of it', () => {
    expect(
      createFleet(scenario, {
        clock: { mono: () => 0, wall: () => START, setTimer: () => () => {} },
      }).members.length,
    ).toBe([...lines, ...brokers].reduce((sum, way) => sum + way.devices.length, 0))
    expect(lines.length).toBe(3)
  })

  it.each(lines)('finds the format of line $id and how its nodes send', (way) => {
    const survey = new LineSurvey()
    const wires = new Map(
      way.devices.map(({ spec, rates }) => [spec.id, new LineFaults(rates, random.fork(spec.id))]),
    )
    for (const { device, at, bytes } of arrivals(way)) {
      survey.rest()
      const wire = wrapFrame(way.format, bytes, device.address)
      survey.push(wires.get(device.spec.id)?.apply(wire) ?? wire, at)
    }
    const match = survey.match ?? expect.fail('nothing makes sense')
    expect(match.format).toEqual(way.format)
    for (const { spec, address } of way.devices) {
      const sightings = match.sightings.filter((sighting) => sighting.address === address)
      expectRight(spec, sightings)
    }
  })

  it.each(brokers)('finds how the nodes on broker $id send', (way) => {
    const byDevice = new Map<PlannedDevice, Sighting[]>(way.devices.map((device) => [device, []]))
    for (const { device, at, bytes } of arrivals(way))
      byDevice.get(device)?.push({ bytes, mono: at, integrity: 'mqtt' })
    for (const [{ spec }, sightings] of byDevice) expectRight(spec, sightings)
  })
})

function expectRight(spec: PlannedDevice['spec'], sightings: readonly Sighting[]): void {
  const survey = surveyDevice(sightings) ?? expect.fail(`${spec.id}: nothing was found`)
  expect(judge(spec, survey).wrong.join('\n'), spec.id).toBe('')
  expect([survey.profile.value, survey.scale.value], spec.id).toEqual([spec.profile, spec.scale])
  const resolutions = new Map(
    survey.channels.map(({ source, resolution }, i) => [source ?? i, resolution]),
  )
  const compact = spec.frames === 'compact'
  for (const [i, { kind, name, source }] of spec.channels.entries()) {
    const found = resolutions.get(compact ? i : source)
    expect(found?.value, `${spec.id} ${name}: ${found?.evidence}`).toBe(kind.resolution)
  }
}
