import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  bridgeConfigFor,
  createFleet,
  parseScenario,
  planFleet,
  problemText,
  type Scenario,
  type SimulatedDevice,
} from '../../firmware-sim/index.js'
import { checkConfiguration } from '../../src/config/index.js'
import { compileProfile, type DeviceProfile, DeviceStream } from '../../src/device/index.js'
import { ManualClock } from '../support/manual-clock.js'

const directory = new URL('../../config/scenarios/', import.meta.url)
const committed = readdirSync(directory).filter((name) => name.endsWith('.yaml'))
const start = Date.UTC(2026, 0, 1)
const steps = 600

function scenarioIn(name: string): Scenario {
  const result = parseScenario(readFileSync(new URL(name, directory), 'utf8'))
  if (!result.ok) throw new Error(result.problems.map(problemText).join('\n'))
  return { ...result.scenario, start }
}

/** What a bridge makes of the configuration that the scenario derives, with made-up paths for the lines. */
function configurationFor(scenario: Scenario) {
  const addresses = new Map(
    [...planFleet(scenario).ways.keys()].map((id, n) => [id, `/dev/pts/${n}`]),
  )
  const document = bridgeConfigFor(scenario, { addresses })
  const outcome = checkConfiguration(document, { cwd: '/', hostName: 'gw-1' })
  if (!outcome.ok) throw new Error(outcome.problems.map(({ message }) => message).join('\n'))
  return outcome.configuration
}

/** Runs a device into a stream of the bridge; its good readings, and those of them that are wrong. */
function follow(
  device: SimulatedDevice,
  profile: DeviceProfile,
): { good: number; wrong: string[] } {
  const stream = new DeviceStream(profile)
  const wrong: string[] = []
  let good = 0
  const judge = (bytes: Uint8Array, at: number, truth: readonly number[]) => {
    const frame = { device: device.id, bytes, mono: at - start, wall: at, source: 'sim' }
    const outcome = stream.accept({ ...frame, integrity: 'crc32' }, [])
    if (outcome.kind !== 'decoded') return
    for (const { name, value, quality } of outcome.channels) {
      if (quality !== 'good') continue
      good++
      const index = profile.names.indexOf(name)
      const off = Math.abs(value - (truth[index] ?? Number.NaN))
      if (!(off <= profile.tolerances[index]!)) wrong.push(`${device.id} ${name} ${outcome.seq}`)
    }
    if (stream.sync.recovering) device.receive(Uint8Array.of(0xff))
  }
  for (let step = 0; step < steps; step++) {
    const at = device.nextAt
    for (const { bytes, frame } of device.step(at)) judge(bytes, at, frame?.values ?? [])
  }
  return { good, wrong }
}

describe.each(committed)('config/scenarios/%s', (name) => {
  const scenario = scenarioIn(name)

  it('gives a configuration that a bridge accepts, with every device in it', () => {
    const { devices, models } = configurationFor(scenario)
    const planned = planFleet(scenario).devices
    expect([...devices.keys()]).toEqual(planned.map(({ spec }) => spec.id))
    for (const { spec } of planned) {
      const { intervalMs, channels, profile, frames } = models.get(devices.get(spec.id)!.model)!
      expect(intervalMs).toBe(spec.intervalMs / scenario.speed)
      expect(profile).toBe(spec.profile)
      expect(channels.map((channel) => channel.name)).toEqual(
        spec.channels.map((channel) => channel.name),
      )
      const sources = spec.channels.map(({ source }) => source)
      if (frames === 'standard') expect(channels.map(({ source }) => source)).toEqual(sources)
    }
  })

  it('never makes a bridge so configured call a wrong value good', () => {
    const { devices, models } = configurationFor(scenario)
    const fleet = createFleet(scenario, { clock: new ManualClock(), deliver: () => {} })
    const followed = fleet.members.map(({ device }) =>
      follow(device, compileProfile(models.get(devices.get(device.id)!.model)!)),
    )
    const good = followed.reduce((sum, one) => sum + one.good, 0)
    expect(
      followed.flatMap(({ wrong }) => wrong),
      `seed ${scenario.seed}`,
    ).toEqual([])
    expect(good).toBeGreaterThan(0.5 * steps * fleet.members.length)
  })
})
