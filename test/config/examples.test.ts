import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { loadConfiguration } from '../../src/config/index.js'
import { load, loaded, problemsOf, warningsOf } from './loading.js'

const config = fileURLToPath(new URL('../../config/', import.meta.url))
/** Configurations of a bridge name the schema, so that editors know; other files there do not. */
const examples = readdirSync(config).filter(
  (name) =>
    name.endsWith('.yaml') &&
    readFileSync(join(config, name), 'utf8').includes('$schema=./alec-bridge.schema.json'),
)
const read = (path: string) => loadConfiguration({ path, cwd: config, env: {}, hostName: 'gw-1' })

describe('the examples', () => {
  it('are there', () => {
    expect(examples).toEqual(
      expect.arrayContaining([
        'alec-bridge.yaml',
        'chirpstack.yaml',
        'cluster.yaml',
        'existing-broker.yaml',
        'rs485.yaml',
        'serial-over-tcp.yaml',
      ]),
    )
  })

  it.each(examples)('%s has no problem', (name) => {
    expect(problemsOf(read(name))).toEqual([])
  })

  it('give no cause for a warning, but for the one that standard frames always do', () => {
    const warnings = examples.flatMap((name) => warningsOf(read(name)))
    expect(warnings).toEqual([
      expect.stringMatching(/^serial-over-tcp\.yaml:.*standard frames know no keyframe/),
    ])
  })

  it('begin with one that runs where nothing is prepared: its own broker, a line and MQTT', () => {
    const { broker, sources, devices } = loaded(read('alec-bridge.yaml'))
    expect(broker).toMatchObject({ kind: 'embedded', host: '127.0.0.1', port: 1883 })
    expect(sources.map(({ kind }) => kind)).toEqual(['serial', 'mqtt'])
    expect([...devices.keys()]).toContain('greenhouse-1')
  })
})

/** The example of the documentation, with one of its two brokers and every device declared. */
const documented = `version: 1
base_topic: alec
bridge: { id: gw-1 }
broker:
  embedded: { host: 127.0.0.1, port: 1883 }
state_dir: /var/lib/alec-bridge
journal: { max_size: 256MiB, durability: strict, overflow: drop-oldest }
outputs: { qos: 1, retain: false, per_channel: false, uncertain: mark }
models:
  climate:
    frames: compact
    profile: alec-1.3
    interval: 60s
    channels:
      - { name: temperature, quantity: temperature, unit: °C, resolution: 0.1, min: -40, max: 85, max_step: 2 }
      - { name: humidity, quantity: relative_humidity, unit: '%', resolution: 1 }
sources:
  - serial: { path: /dev/serial/by-id/usb-x, baud_rate: 115200, framing: cobs, crc: crc32, device: greenhouse-1 }
  - serial: { path: 'tcp://10.0.0.7:4001', framing: slip, address: byte, devices: { 1: shed-1, 2: shed-2 } }
  - mqtt: { topic: 'alec/{device}/frame' }
  - mqtt: { topic: 'application/+/device/{device}/event/up', payload: { json: data, encoding: base64 },
            downlink: { topic: 'application/1/device/{device}/command/down', json: { fPort: 10, data: '{base64}' } } }
devices:
  greenhouse-1: { model: climate, name: Greenhouse 1 }
  shed-1: { model: climate }
  shed-2: { model: climate }
unknown_devices: announce
`

describe('the documented example', () => {
  it('is a configuration', () => {
    const configuration = loaded(load(documented))
    expect(configuration.sources).toHaveLength(4)
    expect(configuration.stateDir).toBe('/var/lib/alec-bridge')
  })
})
