import { describe, expect, it } from 'vitest'
import {
  mixedScenario,
  parseScenario,
  planFleet,
  problemText,
  type Scenario,
} from '../../firmware-sim/index.js'

function scenarioOf(text: string): Scenario {
  const result = parseScenario(text)
  if (!result.ok) throw new Error(result.problems.map(problemText).join('\n'))
  return result.scenario
}

function problemsOf(text: string): string[] {
  const result = parseScenario(text)
  return result.ok ? [] : result.problems.map(problemText)
}

/** A scenario with one link of each sort and the given devices. */
const withDevices = (devices: string) => `version: 1
links:
  desk: { pty: {} }
  bus: { pty: { address: byte } }
  port: { tcp: { port: 4000 } }
  radio: { mqtt: {} }
devices:
${devices}`

describe('a scenario file', () => {
  it('says what is wrong with each value, where, and what came', () => {
    expect(
      problemsOf(`version: 1
seed: 0.5
faults: { loss: 2 }
links: { desk: { pty: { framming: cobs } }, radio: { mqtt: { qos: 5 } } }
devices:
  - { name: shed-1, link: desk, interval: 2, channels: [temprature] }
  - { name: shed-2, link: desk, interval: soon, channels: [] }
  - { name: shed-3, link: desk, channels: [flow] }
`),
    ).toEqual([
      '2:7: seed: Invalid input, not 0.5',
      '3:17: faults.loss: Too big: expected number to be <=1, not 2',
      '4:23: links.desk.pty: Unrecognized key: "framming"',
      '4:67: links.radio.mqtt.qos: Invalid option: expected one of 0|1|2, not 5',
      '6:43: devices[0].interval: Invalid input: expected a duration with its unit (500ms, 2s, 5min, 1h), not 2',
      `6:57: devices[0].channels[0]: Invalid option: expected one of "temperature"|"freezer_temperature"|"outdoor_temperature"|"humidity"|"pressure"|"co2"|"battery"|"counter"|"vibration"|"level"|"flow", not "temprature"`,
      '7:43: devices[1].interval: Invalid input: expected a duration with its unit (500ms, 2s, 5min, 1h), not "soon"',
      '7:59: devices[1].channels: Too small: expected array to have >=1 items, not []',
      '8:5: devices[2].interval: Invalid input: expected a duration with its unit (500ms, 2s, 5min, 1h), not nothing',
    ])
  })

  it('says where it is no YAML, and that it is no scenario', () => {
    expect(problemsOf('links: [')[0]).toMatch(/^1:9: /)
    expect(problemsOf('just words')).toEqual([
      '1:1: Invalid input: expected object, not "just words"',
    ])
  })

  it.each([
    [
      'a link that is not there',
      '{ name: a, link: nope, interval: 1s, channels: [flow] }',
      /devices\[0\]\.link: no link is called nope; there are: desk, bus, port, radio/,
    ],
    [
      'an id that no topic can have',
      "{ name: 'shed 1', link: desk, interval: 1s, channels: [flow] }",
      /devices\[0\]\.name: shed 1 is no device id/,
    ],
    [
      'the reserved id',
      '{ name: Bridge, link: desk, interval: 1s, channels: [flow] }',
      /Bridge is no device id/,
    ],
    [
      'a number in no name',
      '{ name: shed, count: 2, link: radio, interval: 1s, channels: [flow] }',
      /devices\[0\]\.count: there is a device shed already/,
    ],
    [
      'a channel named twice',
      '{ name: a, link: desk, interval: 1s, channels: [flow, flow] }',
      /channels\[1\]: channel 0 is called flow already/,
    ],
    [
      'two channels of one source',
      '{ name: a, link: desk, interval: 1s, frames: standard, channels: [{ name: x, kind: flow, source: 3 }, { name: y, kind: flow, source: 3 }] }',
      /y has source 3, and so has x/,
    ],
    [
      'a name id that no multi frame has',
      '{ name: a, link: desk, interval: 1s, frames: plain-multi, channels: [{ name: x, kind: flow, source: 300 }] }',
      /0 to 255, not 300/,
    ],
    [
      'a closed loop of standard frames',
      '{ name: a, link: desk, interval: 1s, frames: standard, profile: closed-loop, channels: [flow] }',
      /closed-loop goes with compact frames/,
    ],
    [
      'an address where there are none',
      '{ name: a, link: radio, address: 3, interval: 1s, channels: [flow] }',
      /link radio has no addresses/,
    ],
    [
      'an address beyond a byte',
      "{ name: 'a-{n}', count: 2, link: bus, address: 255, interval: 1s, channels: [flow] }",
      /addresses go up to 255, not 256/,
    ],
  ])('refuses %s', (_, device, problem) => {
    const problems = problemsOf(withDevices(`  - ${device}`))
    expect(problems.length).toBe(1)
    expect(problems[0]).toMatch(problem)
  })

  it('refuses an address given twice and a line that no stream can be cut on', () => {
    const twice = `  - { name: a, link: bus, address: 7, interval: 1s, channels: [flow] }
  - { name: b, link: bus, address: 7, interval: 1s, channels: [flow] }`
    expect(problemsOf(withDevices(twice))).toEqual([
      expect.stringMatching(/devices\[1\]\.address: address 7 of bus is taken already/),
    ])
    const blind = withDevices(
      '  - { name: a, link: desk, interval: 1s, channels: [flow] }',
    ).replace('desk: { pty: {} }', 'desk: { pty: { framing: length, crc: none } }')
    expect(problemsOf(blind)).toEqual([
      expect.stringMatching(/links\.desk\.pty: framing 'length' needs a crc/),
    ])
  })

  it('numbers devices, addresses, ports and lines', () => {
    const { devices, ways } = planFleet(
      scenarioOf(
        withDevices(`  - { name: 'bus-{n}', count: 3, link: bus, address: 8, interval: 1s, channels: [flow] }
  - { name: late, link: bus, interval: 1s, channels: [flow] }
  - { name: 'port-{n}', count: 3, link: port, interval: 1s, channels: [flow] }
  - { name: 'desk-{n}', count: 2, link: desk, interval: 1s, channels: [flow] }
  - { name: 'radio-{n}', count: 2, link: radio, interval: 1s, channels: [flow] }`),
      ),
    )
    expect(devices.map(({ spec, way, address }) => `${spec.id} ${way} ${address}`)).toEqual([
      'bus-1 bus 8',
      'bus-2 bus 9',
      'bus-3 bus 10',
      'late bus 1',
      'port-1 port -1',
      'port-2 port.port-2 -1',
      'port-3 port.port-3 -1',
      'desk-1 desk -1',
      'desk-2 desk.desk-2 -1',
      'radio-1 radio -1',
      'radio-2 radio -1',
    ])
    const ports = [...ways.values()].flatMap((way) => (way.kind === 'tcp' ? [way.port] : []))
    expect(ports).toEqual([4000, 4001, 4002])
  })

  it('lets a group be luckier or unluckier than the rest', () => {
    const text = withDevices(`  - { name: a, link: radio, interval: 1s, channels: [flow] }
  - { name: b, link: radio, interval: 1s, channels: [flow], faults: { loss: 0, silence_length: 5min } }`)
    const { devices } = planFleet(
      scenarioOf(text.replace('links:', 'faults: { loss: 0.5, boot_loss: 3 }\nlinks:')),
    )
    expect(devices[0]!.rates).toMatchObject({ loss: 0.5, bootLoss: 3, silenceMs: 30_000 })
    expect(devices[1]!.rates).toMatchObject({ loss: 0, bootLoss: 3, silenceMs: 300_000 })
  })
})

describe('the scenario without a file', () => {
  it.each([1, 2, 3, 8, 1000])('has %i devices', (count) => {
    const { devices, problems } = planFleet(mixedScenario(count))
    expect(problems).toEqual([])
    expect(devices.length).toBe(count)
  })
})
