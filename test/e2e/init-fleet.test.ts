import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import {
  createFleet,
  type Fleet,
  type PlannedDevice,
  parseScenario,
  planFleet,
  type Scenario,
} from '../../firmware-sim/index.js'
import { systemClock } from '../../src/clock.js'
import { init } from '../../src/commands/init.js'
import { Mosquitto, withoutMosquitto } from '../support/mosquitto.js'
import { recordedIo } from '../support/recorded-io.js'

/** The demo, and its world with it, so much faster: what takes minutes takes seconds. */
const SPEED = 20
const LISTEN_MS = 8000

function demoScenario(): Scenario {
  const path = fileURLToPath(new URL('../../config/scenarios/demo.yaml', import.meta.url))
  const parsed = parseScenario(readFileSync(path, 'utf8'))
  const start = Date.UTC(2026, 0, 1, 12)
  return parsed.ok ? { ...parsed.scenario, speed: SPEED, start } : expect.fail('it does not parse')
}

interface ProposedModel {
  readonly frames: string
  readonly profile: string
  readonly scale: number
  readonly channels: readonly { readonly source?: number; readonly resolution?: number }[]
}

interface Proposal {
  readonly models: Readonly<Record<string, ProposedModel>>
  readonly devices: Readonly<Record<string, { readonly model: string }>>
  readonly sources: readonly { readonly serial?: object; readonly mqtt?: object }[]
}

/** Holds the model that was proposed for a device against what the device is. */
function expectTrue({ spec }: PlannedDevice, model: ProposedModel | undefined): void {
  const compact = spec.frames === 'compact'
  expect(model, spec.id).toMatchObject({
    frames: compact ? 'compact' : 'standard',
    profile: spec.profile,
    scale: spec.scale,
  })
  // An adaptive device may have left one out all the time.
  const least = spec.frames === 'adaptive-multi' ? 1 : spec.channels.length
  expect(model?.channels.length, spec.id).toBeGreaterThanOrEqual(least)
  expect(model?.channels.length, spec.id).toBeLessThanOrEqual(spec.channels.length)
  for (const [i, { source, resolution }] of (model?.channels ?? []).entries()) {
    const truth = compact ? spec.channels[i] : spec.channels.find((one) => one.source === source)
    if (resolution === undefined) continue
    // Where little changed, a part of the step is proposed, which is true as well.
    const parts = Number(truth?.kind.resolution) / resolution
    expect(Math.abs(parts - Math.round(parts)), `${spec.id} ${truth?.name}`).toBeLessThan(1e-9)
  }
}

describe.skipIf(withoutMosquitto())('init, beside the running demo fleet', () => {
  const scenario = demoScenario()
  const ways = [...planFleet(scenario).ways.values()]
  let broker: Mosquitto
  let fleet: Fleet

  beforeAll(async () => {
    broker = await Mosquitto.start()
    fleet = createFleet(scenario, { clock: systemClock, brokerUrl: broker.url })
    await fleet.start()
  })

  afterAll(async () => {
    await fleet.stop()
    await broker.stop()
  })

  async function proposed(options: Parameters<typeof init>[0]): Promise<Proposal> {
    const io = recordedIo('/')
    expect(await init({ ...options, listen: LISTEN_MS }, io), io.err).toBe(0)
    return parse(io.out)
  }

  it('finds every link and every node of it, on real terminals and a real broker, all at once', async () => {
    const lines = ways.filter((way) => way.kind !== 'mqtt')
    const radios = ways.filter((way) => way.kind === 'mqtt')
    const heard = await Promise.all([
      ...lines.map(async (way) => {
        const port = fleet.addresses.get(way.id) ?? expect.fail(way.id)
        const { models, devices, sources } = await proposed({ port })
        const { framing, crc, address } = way.format
        const byte = address === 'byte'
        expect(sources[0]?.serial).toMatchObject({ framing, crc, ...(byte && { address }) })
        for (const device of way.devices) {
          const id = byte ? `node-${device.address}` : 'node-1'
          expectTrue(device, models[devices[id]?.model ?? ''])
        }
        return Object.keys(devices).length
      }),
      ...radios.map(async (way) => {
        const { models, devices } = await proposed({ broker: broker.url })
        for (const device of way.devices)
          expectTrue(device, models[devices[device.spec.id]?.model ?? ''])
        return Object.keys(devices).length
      }),
    ])
    expect(heard.reduce((sum, count) => sum + count, 0)).toBe(fleet.members.length)
  }, 40_000)
})
