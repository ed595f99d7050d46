import { describe, expect, it } from 'vitest'
import { load, loaded, problemsOf } from './loading.js'

const file = `version: 1
broker: { embedded: { port: 1884 } }
models:
  climate:
    frames: compact
    channels:
      - { name: temperature, quantity: temperature }
sources:
  - serial: { path: /dev/ttyUSB0, device: greenhouse-1 }
devices:
  greenhouse-1: { model: climate }
  Shed: { model: climate }
`

const overridden = (env: Record<string, string>) => loaded(load(file, env))

describe('a variable', () => {
  it.each([
    ['overrides a value', 'ALEC_BRIDGE__BASE_TOPIC', 'site', { baseTopic: 'site' }],
    ['adds a section', 'ALEC_BRIDGE__OUTPUTS__RETAIN', 'true', { outputs: { retain: true } }],
    ['is read as a YAML scalar', 'ALEC_BRIDGE__OUTPUTS__QOS', '2', { outputs: { qos: 2 } }],
    ['may be quoted', 'ALEC_BRIDGE__BRIDGE__ID', "'007'", { bridge: { id: '007' } }],
    ['carries units', 'ALEC_BRIDGE__STATUS__INTERVAL', '5min', { status: { intervalMs: 300_000 } }],
    [
      'counts lists by index',
      'ALEC_BRIDGE__SOURCES__0__SERIAL__PATH',
      '/dev/ttyS1',
      { sources: [{ path: '/dev/ttyS1' }] },
    ],
    [
      'continues a list',
      'ALEC_BRIDGE__SOURCES__1__MQTT__TOPIC',
      'x/{device}',
      { sources: [{}, { topic: 'x/{device}' }] },
    ],
    ['makes a list', 'ALEC_BRIDGE__BROKER__URL__0', 'mqtt://a', { broker: { urls: ['mqtt://a'] } }],
    [
      'chooses another kind of broker',
      'ALEC_BRIDGE__BROKER__URL',
      'mqtt://a',
      { broker: { kind: 'external', urls: ['mqtt://a'] } },
    ],
    [
      'changes the same kind of broker',
      'ALEC_BRIDGE__BROKER__EMBEDDED__PORT',
      '0',
      { broker: { kind: 'embedded', port: 0 } },
    ],
    ['counts as not set when empty', 'ALEC_BRIDGE__BASE_TOPIC', '', { baseTopic: 'alec' }],
    ['may be in lower case', 'ALEC_BRIDGE__base_topic', 'site', { baseTopic: 'site' }],
    ['of another program says nothing', 'ALEC_BRIDGE_BASE_TOPIC', 'site', { baseTopic: 'alec' }],
  ])('%s', (_fact, name, value, expected) => {
    expect(overridden({ [name]: value })).toMatchObject(expected)
  })

  it('finds a key by its letters: variables have no dash and no lower case', () => {
    const { devices } = overridden({
      ALEC_BRIDGE__DEVICES__GREENHOUSE_1__NAME: 'Greenhouse #1: left',
      ALEC_BRIDGE__DEVICES__SHED__NAME: '[x]',
    })
    expect(devices.get('greenhouse-1')?.name).toBe('Greenhouse #1: left')
    expect(devices.get('Shed')?.name).toBe('[x]')
  })

  it('replaces the whole external access by the embedded broker', () => {
    const external = file.replace(
      '{ embedded: { port: 1884 } }',
      '{ url: mqtt://a, username: u, client_id: c }',
    )
    expect(loaded(load(external, { ALEC_BRIDGE__BROKER__EMBEDDED__PORT: '1' })).broker).toEqual({
      kind: 'embedded',
      host: '127.0.0.1',
      port: 1,
      publishRate: { perSecond: 5000, burst: 10_000 },
    })
  })

  it('that names a password file replaces a password in the configuration', () => {
    const text = file.replace(
      '{ embedded: { port: 1884 } }',
      '{ url: mqtt://a, username: u, password: x }',
    )
    const env = { ALEC_BRIDGE__BROKER__PASSWORD_FILE: '/run/pw' }
    const disk = { '/run/pw': { text: 'y', mode: 0o600 } }
    expect(loaded(load(text, env, disk)).broker).toMatchObject({ password: 'y' })
  })

  it('continues a list beyond its ninth item', () => {
    const env = Object.fromEntries(
      Array.from({ length: 11 }, (_, i) => [`ALEC_BRIDGE__BROKER__URL__${i}`, `mqtt://h${i}`]),
    )
    const { broker } = overridden(env)
    expect(broker).toMatchObject({ urls: Array.from({ length: 11 }, (_, i) => `mqtt://h${i}`) })
  })
})

describe('a problem that a variable brought', () => {
  it.each([
    [
      'ALEC_BRIDGE__OUTPUTS__QOS',
      'two',
      'ALEC_BRIDGE__OUTPUTS__QOS: outputs.qos: expected 0, 1 or 2, got the text "two"',
    ],
    [
      'ALEC_BRIDGE__OUTPUTS__QOSS',
      '1',
      'ALEC_BRIDGE__OUTPUTS__QOSS: outputs.qoss: unknown key; did you mean qos?',
    ],
    [
      'ALEC_BRIDGE__STATUS__INTERVAL',
      '60',
      'ALEC_BRIDGE__STATUS__INTERVAL: status.interval: expected a duration with its unit from 1s to 1d: write 60s, got the number 60',
    ],
    [
      'ALEC_BRIDGE__BASE_TOPIC__X',
      '1',
      'ALEC_BRIDGE__BASE_TOPIC__X: base_topic: expected a topic without wildcards, spaces, dots and empty levels, got a map',
    ],
    ['ALEC_BRIDGE__VERSION__X', '1', 'ALEC_BRIDGE__VERSION__X: version is a single value, no map'],
    ['ALEC_BRIDGE____X', '1', 'ALEC_BRIDGE____X: a level of the name is empty'],
    ['ALEC_BRIDGE__', '1', 'ALEC_BRIDGE__: a level of the name is empty'],
    [
      'ALEC_BRIDGE__SOURCES__2__MQTT__TOPIC',
      'x',
      'ALEC_BRIDGE__SOURCES__2__MQTT__TOPIC: sources has 1 items: item 2 would leave a gap',
    ],
    [
      'ALEC_BRIDGE__SOURCES__FIRST__MQTT',
      'x',
      'ALEC_BRIDGE__SOURCES__FIRST__MQTT: sources is a list: expected an index, got FIRST',
    ],
    [
      'ALEC_BRIDGE__BROKER__PASSWORD',
      'canary',
      'ALEC_BRIDGE__BROKER__PASSWORD: secrets do not come by variables: put it into a file, and its path into ALEC_BRIDGE__BROKER__PASSWORD_FILE',
    ],
    [
      'ALEC_BRIDGE__BROKER__URL',
      'mqtt://u:canary@h',
      'ALEC_BRIDGE__BROKER__URL: broker.url: expected a URL such as mqtt://broker.example:1883 (or mqtts:, ws:, wss:), got another text (not shown)',
    ],
  ])('%s=%s names it', (name, value, expected) => {
    const problems = problemsOf(load(file, { [name]: value }))
    expect(problems).toEqual([expected])
    expect(problems.join()).not.toContain('canary')
  })

  it('says when two keys could be meant', () => {
    const text = file.replace('Shed:', 'greenhouse_1:')
    expect(problemsOf(load(text, { ALEC_BRIDGE__DEVICES__GREENHOUSE_1__NAME: 'x' }))).toContain(
      'ALEC_BRIDGE__DEVICES__GREENHOUSE_1__NAME: devices has several keys that this could be: greenhouse-1, greenhouse_1',
    )
  })
})
