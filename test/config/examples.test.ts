import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { loadConfiguration } from '../../src/config/index.js'
import { loaded, problemsOf, warningsOf } from './loading.js'

const config = fileURLToPath(new URL('../../config/', import.meta.url))
const examples = readdirSync(config).filter((name) => name.endsWith('.yaml'))
const read = (path: string) => loadConfiguration({ path, cwd: config, env: {}, hostName: 'gw-1' })

describe('the examples', () => {
  it('are there', () => {
    expect(examples).toEqual(
      expect.arrayContaining([
        'alec-bridge.yaml',
        'chirpstack.yaml',
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
    expect(broker).toEqual({ kind: 'embedded', host: '127.0.0.1', port: 1883 })
    expect(sources.map(({ kind }) => kind)).toEqual(['serial', 'mqtt'])
    expect([...devices.keys()]).toContain('greenhouse-1')
  })
})
