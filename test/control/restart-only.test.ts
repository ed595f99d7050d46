import { describe, expect, it } from 'vitest'
import { type Configuration, checkConfiguration } from '../../src/config/index.js'
import { reloadable } from '../../src/control/restart-only.js'

function configuration(more: object = {}): Configuration {
  const document = { version: 1, bridge: { id: 'gw' }, ...more }
  const outcome = checkConfiguration(document, { cwd: '/', hostName: 'gw' })
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.problems))
  return outcome.configuration
}

const model = { frames: 'compact', channels: [{ name: 't', resolution: 0.1 }] }

describe('of a configuration that has changed', () => {
  it.each([
    ['nothing', {}],
    ['devices and models', { models: { model }, devices: { a: { model: 'model' } } }],
    ['how and what is published', { outputs: { retain: true }, status: { interval: '5min' } }],
    ['limits, requests and the log', { limits: { burst: 7 }, resync: { per_day: 3 } }],
    ['the log', { log: { level: 'debug', parts: { journal: 'trace' } } }],
    ['how much a client of the embedded broker may send', { limits: { port_burst: 77 } }],
    ['what becomes of unknown devices', { unknown_devices: 'ignore' }],
  ])('%s takes effect at once', (_what, more) => {
    const next = configuration(more)
    expect(reloadable(configuration(), next)).toEqual({ configuration: next, needsRestart: [] })
  })

  it.each([
    ['base_topic', { base_topic: 'other' }],
    ['bridge', { bridge: { id: 'gw-2' } }],
    ['broker', { broker: { embedded: { port: 1884 } } }],
    ['broker', { broker: { url: 'mqtt://broker' } }],
    ['journal', { journal: { durability: 'os' } }],
    ['limits.queue_size', { limits: { queue_size: '1MiB' } }],
    ['state_dir', { state_dir: '/var/lib/other' }],
    ['http', { http: { port: 8081 } }],
    ['homeassistant', { homeassistant: {} }],
  ])('%s needs a restart, and stays as it runs until then', (key, more) => {
    const running = configuration()
    const next = configuration({ ...more, outputs: { qos: 2 } })
    const taken = reloadable(running, next)
    expect(taken.needsRestart).toEqual([key])
    expect(taken.configuration).toEqual({ ...running, outputs: next.outputs })
  })
})
