import { describe, expect, it } from 'vitest'
import { CompactEncoder } from '../../src/alec/index.js'
import { Bridge } from '../../src/bridge.js'
import { checkConfiguration } from '../../src/config/index.js'
import { BridgeMemory, type Gauge } from '../../src/control/index.js'
import { DEGRADATION_LEVELS } from '../../src/resilience/index.js'
import { MemorySource } from '../../src/transport/index.js'
import { ManualClock } from '../support/manual-clock.js'
import { mulberry, testSeed } from '../support/mulberry.js'
import { SimDisk, STATE } from '../support/sim-disk.js'
import { SlowBroker } from './slow-broker.js'

const DEVICES = Array.from({ length: 30 }, (_, n) => `device-${n}`)
const STEP_MS = 100
/** Thirty devices, ten frames a second, three messages each: ten times what the broker takes. */
const BROKER_PER_SECOND = 90
const LOSS = 0.01
const NEVER_SHED = ['p1-readings', 'health', 'circuit', 'availability', 'gap-events']

function configuration() {
  const outcome = checkConfiguration(
    {
      version: 1,
      bridge: { id: 'gw-1' },
      broker: { url: 'mqtt://slow' },
      outputs: { per_channel: true },
      limits: { frames_per_second: 100 },
      models: {
        climate: {
          frames: 'compact',
          interval: '100ms',
          channels: [
            { name: 'temperature', quantity: 'temperature', resolution: 0.1, max_step: 2 },
            { name: 'humidity', quantity: 'relative_humidity', resolution: 1 },
          ],
        },
      },
      sources: [{ mqtt: { topic: 'alec/{device}/frame' } }],
      devices: Object.fromEntries(DEVICES.map((id) => [id, { model: 'climate' }])),
    },
    { cwd: '/', hostName: 'gw-1' },
  )
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.problems))
  return outcome.configuration
}

/** A device that measures ten times a second; one frame in a hundred never arrives. */
class Node {
  readonly gaps: number[] = []
  heard = 0
  readonly #id: string
  readonly #door: MemorySource
  readonly #random: () => number
  readonly #encoder = new CompactEncoder({ channels: 2 })
  #sent = 0
  #lostFrom: number | undefined

  constructor(id: string, door: MemorySource, random: () => number) {
    this.#id = id
    this.#door = door
    this.#random = random
  }

  send(): void {
    const n = this.#sent++
    const frame = this.#encoder.encode([20 + (n % 9) / 10, 50 + (n % 4)])
    // Old enough before the first loss that no silence hides a restart.
    if (n > 20 && this.#random() < LOSS) {
      this.#lostFrom ??= n
      return
    }
    if (this.#lostFrom !== undefined) this.gaps.push(this.#lostFrom)
    this.#lostFrom = undefined
    this.heard++
    this.#door.deliver(this.#id, frame)
  }

  /** What no encoder sends. */
  garble(): void {
    this.#door.deliver(this.#id, Uint8Array.of(0xa1, 0xff, 0xff))
  }
}

async function overloaded() {
  const random = mulberry(testSeed)
  const clock = new ManualClock()
  const broker = new SlowBroker(clock, BROKER_PER_SECOND)
  const quiet = () => {}
  const log = { debug: quiet, info: quiet, warn: quiet, error: quiet }
  const memory = await BridgeMemory.openUnlocked({
    directory: STATE,
    files: new SimDisk(),
    clock,
    machine: { bootId: 'b', uptimeMs: () => clock.mono(), wallTrusted: () => true },
    durability: { kind: 'strict' },
    maxBytes: 64 * 2 ** 20,
    log,
  })
  const used = { heap: 10 }
  const gauge: Gauge = {
    start: quiet,
    stop: quiet,
    loopLagMs: () => 0,
    memory: () => ({ used: used.heap, limit: 100 }),
  }
  const door = new MemorySource({ clock })
  const bridge = new Bridge({
    configuration: configuration(),
    version: '0',
    clock,
    random,
    log,
    memory,
    gauge,
    sources: [door],
    brokerDoor: () => broker,
  })
  await bridge.start()
  const nodes = DEVICES.map((id) => new Node(id, door, random))
  const queued: number[] = []
  const levels: string[] = []
  const pass = async (ms: number, send: boolean) => {
    for (let passed = 0; passed < ms; passed += STEP_MS) {
      if (send) for (const node of nodes) node.send()
      clock.advance(STEP_MS)
      await new Promise(setImmediate)
      queued.push(bridge.publisher.counters().queuedBytes)
      const { degradation } = broker.document('alec/bridge/status')
      if (typeof degradation === 'string' && degradation !== levels.at(-1)) levels.push(degradation)
    }
  }
  return { clock, broker, bridge, nodes, used, queued, levels, pass }
}

describe('ten times as much as the broker takes, with the memory nearly full', () => {
  it('F-53: sheds step by step, counted by name, and never what somebody has to know', async () => {
    const { clock, broker, bridge, nodes, used, queued, levels, pass } = await overloaded()
    await pass(10_000, true)
    used.heap = 97
    await pass(25_000, true)
    expect(levels).toEqual(DEGRADATION_LEVELS)

    // At the worst level a device breaks, and that is known at once.
    const [broken] = nodes
    const brokeAt = clock.mono()
    for (let frame = 0; frame < 8; frame++) broken?.garble()
    await pass(5000, true)
    const circuit = broker.retained.get('alec/device-0/status/circuit')
    expect(circuit?.payload).toBe('open')
    expect((circuit?.at ?? 0) - brokeAt).toBeLessThan(5000)

    const { shed, dropped } = broker.document('alec/bridge/status')
    expect(dropped).toEqual({})
    const counts = shed as Record<string, number>
    expect(counts['per-channel-topics']).toBeGreaterThan(0)
    expect(counts['p3-readings']).toBeGreaterThan(0)
    expect(Object.keys(counts).filter((name) => NEVER_SHED.includes(name))).toEqual([])
    expect(Math.max(...queued)).toBeLessThanOrEqual(16 * 2 ** 20)

    // It is over: all goes back, and what waited comes.
    used.heap = 10
    broker.perSecond = 5000
    await pass(110_000, false)
    expect(levels.at(-1)).toBe('normal')
    for (const { id } of bridge.fleet.sessions()) {
      const { health, online } = bridge.fleet.session(id)?.status() ?? {}
      expect(broker.retained.get(`alec/${id}/status/health`)?.payload, id).toBe(health)
      const availability = online ? 'online' : 'offline'
      expect(broker.retained.get(`alec/${id}/availability`)?.payload, id).toBe(availability)
    }
    const { sheds, ...told } = tellings(broker)
    nodes.slice(1).forEach((node, index) => {
      const id = `device-${index + 1}`
      expect(
        [...(told.gaps.get(id) ?? [])].sort((a, b) => a - b),
        `${id}, seed ${testSeed}`,
      ).toEqual(node.gaps)
    })
    const heard = nodes.reduce((sum, node) => sum + node.heard, 0)
    expect(told.readings + sheds).toBeGreaterThanOrEqual(heard - (nodes[0]?.heard ?? 0))
    const stopped = bridge.stop()
    await pass(5000, false)
    await stopped
  })
})

/** What the broker was told of gaps and readings, each once, and how many readings were shed. */
function tellings(broker: SlowBroker) {
  const gaps = new Map<string, Set<number>>()
  const readings = new Set<string>()
  for (const { topic, payload } of broker.got) {
    const [, device = '', what = '', more] = topic.split('/')
    if (more !== undefined || device === 'bridge') continue
    const facts = payload.startsWith('{') ? JSON.parse(payload) : {}
    if (what === 'readings') readings.add(`${device}/${facts.epoch}/${facts.seq}`)
    if (what !== 'event' || facts.type !== 'gap') continue
    const known = gaps.get(device) ?? new Set<number>()
    gaps.set(device, known.add(facts.fromSeq ?? facts.from_seq))
  }
  const { shed } = broker.document('alec/bridge/status')
  return {
    gaps,
    readings: readings.size,
    sheds: (shed as Record<string, number>)['p3-readings'] ?? 0,
  }
}
