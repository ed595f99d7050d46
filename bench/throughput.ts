import { parseArgs } from 'node:util'
import { type Measurement, printMeasurements } from './measurement.js'
import { percentile } from './percentile.js'
import { throughput, WAYS, type Way } from './throughput/course.js'
import type { RoundOutcome } from './throughput/round.js'

/**
 * Messages a second through a real Mosquitto, and processor time of each: the bridge against a plain MQTT.js client that
 * republishes everything undecoded, in turns, and the bridge with its own broker. The sender goes as fast as the receiver
 * counts, so nothing is dropped; with `--rate` it sends so many a second instead. `broker-alone` is what broker, sender and
 * receiver can do by themselves. Ends with 1 where a message is lost, or where the bridge takes more than `--most-cpu` times
 * the processor time of the pass-through.
 *
 * node dist/bench/throughput.js --rounds 5 --seconds 4 --qos 0,1 [--ways pass-through,bridge] [--durability strict]
 *   [--protocol 3.1.1] [--devices 50] [--rate 1000] [--most-cpu 2] [--cpu-prof DIRECTORY] [--json]
 *   [--node-args=--max-semi-space-size=2], for the engine that runs the bridge
 */
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '4' },
    'warm-up': { type: 'string', default: '2' },
    devices: { type: 'string', default: '50' },
    qos: { type: 'string', default: '0,1' },
    ways: { type: 'string', default: WAYS.join(',') },
    durability: { type: 'string', default: 'os' },
    protocol: { type: 'string', default: 'auto' },
    rate: { type: 'string' },
    'most-cpu': { type: 'string' },
    'cpu-prof': { type: 'string' },
    'node-args': { type: 'string', default: '' },
    json: { type: 'boolean', default: false },
  },
})
const ways = WAYS.filter((way) => values.ways.split(',').includes(way))
const profile = values['cpu-prof']
const nodeArgs = [
  ...values['node-args'].split(' ').filter((arg) => arg !== ''),
  ...(profile === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', profile]),
]
const common = {
  devices: Number(values.devices),
  durability: values.durability,
  protocol: values.protocol,
  warmUpMs: 1000 * Number(values['warm-up']),
  measuredMs: 1000 * Number(values.seconds),
  nodeArgs,
  rate: values.rate === undefined ? undefined : Number(values.rate),
}
const measurements: Measurement[] = []
const failures: string[] = []
for (const level of values.qos.split(',')) {
  const qos = level === '1' ? 1 : 0
  const outcomes = new Map<Way, RoundOutcome[]>(ways.map((way) => [way, []]))
  for (let nth = 0; nth < Number(values.rounds); nth++) {
    for (const way of ways) {
      const outcome = await throughput(way, { ...common, qos })
      outcomes.get(way)?.push(outcome)
      if (outcome.lost > 0) failures.push(`${way}, QoS ${qos}: ${outcome.lost} messages lost`)
    }
  }
  measurements.push(...rows(qos, outcomes))
}
printMeasurements(measurements, failures, values.json)

function rows(qos: 0 | 1, outcomes: ReadonlyMap<Way, readonly RoundOutcome[]>): Measurement[] {
  const found: Measurement[] = []
  for (const [way, rounds] of outcomes) {
    const name = `${way}, QoS ${qos}`
    const target = way === 'embedded' ? { target: `≥ ${qos === 0 ? 40_000 : 12_000}` } : {}
    const perSecond = rounds.map((each) => each.perSecond)
    found.push({ name: `${name}: rate`, unit: 'messages/s', values: perSecond, ...target })
    if (way === 'broker-alone') continue
    const cpu = rounds.map(({ cpuUs }) => cpuUs)
    found.push({ name: `${name}: processor time`, unit: 'µs/message', values: cpu })
  }
  const [plain, bridge] = [outcomes.get('pass-through'), outcomes.get('bridge')]
  if (plain === undefined || bridge === undefined) return found
  const name = `bridge against pass-through, QoS ${qos}`
  const ratio = (of: (outcome: RoundOutcome) => number) =>
    bridge.map((each, n) => of(each) / of(plain[n] ?? each))
  const cpu = ratio(({ cpuUs }) => cpuUs)
  const rate = ratio(({ perSecond }) => perSecond)
  const most = Number(values['most-cpu'] ?? Number.POSITIVE_INFINITY)
  const median = percentile(cpu, 0.5)
  if (median > most) {
    failures.push(
      `${name}: ${median.toFixed(2)} times its processor time, at most ${most} is allowed`,
    )
  }
  return [
    ...found,
    { name: `${name}: rate`, unit: 'times', values: rate, target: '≥ 0.9' },
    { name: `${name}: processor time`, unit: 'times', values: cpu, target: '≤ 1.2' },
  ]
}
