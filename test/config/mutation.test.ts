import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import type { Configuration, LoadOutcome } from '../../src/config/index.js'
import { compileProfile } from '../../src/device/index.js'
import { formatProblems } from '../../src/framing/index.js'
import { deviceTopics } from '../../src/outputs/index.js'
import { parseDownlinkTopic, parseTopicTemplate } from '../../src/transport/topic-template.js'
import { load } from './loading.js'

/** Mutants of each kind; more by `MUTANTS=10000`. */
const RUNS = Number(process.env.MUTANTS ?? 300)

const secrets = { plain: 'zq7Xw9-canary-K3vPm2', file: 'Hn4-canary-Tt8Rb6', key: 'canary-Yc5Wd1' }

const valid = `version: 1
base_topic: alec
bridge: { id: gw-1 }
broker:
  url: mqtts://broker.example:8883
  username: bridge
  password: ${secrets.plain}
  client_id: gw-1
  tls: { cert: me.pem, key: me.key }
outputs: { qos: 1, retain: false, per_channel: true, uncertain: mark }
status: { interval: 60s }
resync: { on_drift: false, min_interval: { line: 1s, mqtt: 60s }, per_day: 10 }
limits: { frames_per_second: 50, burst: 200, queue_size: 16MiB }
log: { level: info }
models:
  climate: &climate
    frames: compact
    profile: alec-1.3
    interval: 60s
    channels:
      - { name: temperature, quantity: temperature, unit: °C, resolution: 0.1, min: -40, max: 85, max_step: 2 }
      - { name: humidity, quantity: relative_humidity, unit: '%', resolution: 1 }
  fast: { <<: *climate, interval: 1s, scale: 1000 }
  standard:
    frames: standard
    checksum: true
    channels: [{ name: t, source: 7 }, { name: h, source: humidity, min: 0, max: 100 }]
sources:
  - serial: { path: /dev/ttyUSB0, baud_rate: 115200, framing: cobs, crc: crc32, device: greenhouse-1 }
  - serial: { path: 'tcp://10.0.0.7:4001', framing: slip, address: byte, devices: { 1: shed-1, 0x02: shed-2 } }
  - serial: { match: { vendor: '0403', product: '6001' }, framing: length, crc: crc16, device: meter }
  - mqtt: { topic: 'alec/{device}/frame' }
  - mqtt:
      topic: 'application/+/device/{device}/event/up'
      payload: { json: data, encoding: base64 }
      downlink: { topic: 'application/1/device/{device}/command/down', json: { fPort: 10, data: '{base64}' } }
      devices: { 70b3d57ed0060001: field-1 }
devices:
  greenhouse-1: { model: climate, name: Greenhouse 1 }
  shed-1: { model: fast }
  shed-2: { model: fast }
  meter: { model: standard }
  field-1: { model: climate }
unknown_devices: accept
default_model: climate
`

const loadMutant = (text: string, env: Record<string, string> = {}): LoadOutcome =>
  load(text, env, {
    '/etc/gw/c.yaml': { text, mode: 0o600 },
    '/etc/gw/me.pem': '-----BEGIN CERTIFICATE-----\n',
    '/etc/gw/me.key': { text: `-----BEGIN PRIVATE KEY-----\n${secrets.key}\n`, mode: 0o600 },
    // What a mutation may turn the password into the name of.
    [`/etc/gw/${secrets.plain}`]: { text: secrets.file, mode: 0o644 },
  })

/** What holds of every outcome: it says what is wrong, or it is a configuration that every room takes. */
function judge(outcome: LoadOutcome): void {
  const said = JSON.stringify(outcome.ok ? outcome.warnings : outcome.problems)
  for (const secret of Object.values(secrets)) expect(said).not.toContain(secret)
  if (outcome.ok) {
    takenByEveryRoom(outcome.configuration)
    return
  }
  expect(outcome.problems.length).toBeGreaterThan(0)
  for (const { message } of outcome.problems) expect(message).not.toMatch(/undefined|\[object|^$/)
}

function takenByEveryRoom({ models, sources, devices, baseTopic }: Configuration): void {
  for (const model of models.values()) compileProfile(model)
  for (const source of sources) {
    if (source.kind === 'serial') expect(formatProblems(source)).toEqual([])
    else parseTopicTemplate(source.topic, source.device)
    if (source.kind === 'mqtt' && source.downlink) parseDownlinkTopic(source.downlink.topic)
  }
  for (const { id, model } of devices.values()) {
    deviceTopics(baseTopic, id, models.get(model)?.channels.map(({ name }) => name) ?? [])
    expect(models.has(model)).toBe(true)
  }
}

const junk = fc.constantFrom(
  ...[
    ':',
    ': ',
    '-',
    '- ',
    '#',
    ' #',
    '{',
    '}',
    '[',
    ']',
    ',',
    '&a',
    '*a',
    '!x ',
    '|',
    '>',
    '@',
    '%',
    "'",
    '"',
  ],
  ...[
    '\n',
    '\n  ',
    '\t',
    ' ',
    '\\',
    '~',
    '0',
    '-1',
    'é',
    '\u0000',
    '\u2028',
    '\ud800',
    '<<: *climate',
    '__proto__',
    '---\n',
  ],
)

/** One slip of a hand on a text. */
type Edit = (text: string) => string
const at = fc.nat({ max: valid.length })
const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.tuple(at, junk).map(
    ([i, what]): Edit =>
      (text) =>
        text.slice(0, i) + what + text.slice(i),
  ),
  fc.tuple(at, fc.integer({ min: 1, max: 4 })).map(
    ([i, n]): Edit =>
      (text) =>
        text.slice(0, i) + text.slice(i + n),
  ),
  fc.nat({ max: 60 }).map(
    (n): Edit =>
      (text) =>
        text.split('\n').toSpliced(n, 1).join('\n'),
  ),
  fc.tuple(fc.nat({ max: 60 }), fc.nat({ max: 60 })).map(
    ([from, to]): Edit =>
      (text) => {
        const lines = text.split('\n')
        return lines.toSpliced(to, 0, lines[from] ?? '').join('\n')
      },
  ),
)

const anyScalar = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    '',
    0,
    -1,
    1.5,
    Number.POSITIVE_INFINITY,
    Number.NaN,
    [],
    {},
    '60s',
    '{device}',
    '#',
    'alec/+/readings',
  ),
  fc.string(),
  fc.integer(),
  fc.constantFrom(
    'compact',
    'standard',
    'plain',
    'none',
    'byte',
    'length',
    'closed-loop',
    'x'.repeat(300),
  ),
)

type Change = (document: Record<string, unknown>) => void

/** Replaces, removes or renames something in the tree, by a walk that the numbers decide. */
const change: fc.Arbitrary<Change> = fc
  .tuple(
    fc.array(fc.nat({ max: 20 }), { minLength: 1, maxLength: 6 }),
    fc.nat({ max: 3 }),
    anyScalar,
  )
  .map(
    ([steps, kind, value]): Change =>
      (document) => {
        let parent: Record<string, unknown> = document
        let key = ''
        for (const step of steps) {
          const keys = Object.keys(parent)
          key = keys[step % Math.max(keys.length, 1)] ?? ''
          const child = parent[key]
          if (typeof child !== 'object' || child === null) break
          if (step !== steps.at(-1)) parent = child as Record<string, unknown>
        }
        if (kind === 0) delete parent[key]
        else if (kind === 1) parent[`${key}x`] = parent[key]
        else parent[key] = value
      },
  )

interface Mutant {
  readonly text: string
  readonly env?: Record<string, string>
}

/** Judges many mutants; a kind of which none, or every one, is accepted would test only half of it. */
function judgeAll(mutants: fc.Arbitrary<Mutant>): void {
  let accepted = 0
  fc.assert(
    fc.property(mutants, ({ text, env }) => {
      const outcome = loadMutant(text, env)
      judge(outcome)
      if (outcome.ok) accepted++
    }),
    { numRuns: RUNS },
  )
  expect(accepted / RUNS).toBeGreaterThan(0.02)
  expect(accepted / RUNS).toBeLessThan(0.98)
}

describe('a valid configuration that went wrong', () => {
  it('was valid', () => {
    const outcome = loadMutant(valid)
    judge(outcome)
    expect(outcome).toMatchObject({ ok: true })
  })

  it('F-49: in its text never throws and never shows a secret', () => {
    const edits = fc.array(edit, { minLength: 1, maxLength: 3 })
    judgeAll(edits.map((all) => ({ text: all.reduce((text, one) => one(text), valid) })))
  })

  it('F-49: in its values never throws, and what is still accepted is taken by every room', () => {
    const changes = fc.array(change, { minLength: 1, maxLength: 2 })
    judgeAll(
      changes.map((all) => {
        const document = parse(valid, { merge: true }) as Record<string, unknown>
        for (const one of all) one(document)
        return { text: stringify(document) }
      }),
    )
  })

  it('F-49: by its variables never throws and never shows a secret', () => {
    const level = fc.constantFrom(
      ...['BROKER', 'URL', 'PASSWORD', 'SOURCES', '0', '9', 'MODELS', 'CLIMATE', 'CHANNELS'],
      ...['NAME', 'DEVICES', 'METER', 'OUTPUTS', 'QOS', '', '__proto__', 'constructor'],
    )
    const name = fc
      .array(level, { minLength: 1, maxLength: 5 })
      .map((levels) => `ALEC_BRIDGE__${levels.join('__')}`)
    const value = fc.oneof(
      fc.constantFrom(secrets.file, `mqtt://u:${secrets.file}@h`, '[', '*a', '!x', '- a', '1'),
      fc.string(),
    )
    // Who names a password as anything else has told everybody already.
    const isPlaceForSecrets = (variable: string) => /PASSWORD|URL/.test(variable)
    const env = fc
      .dictionary(name, value, { maxKeys: 3 })
      .map((variables) =>
        Object.fromEntries(
          Object.entries(variables).map(([variable, text]) => [
            variable,
            text.includes(secrets.file) && !isPlaceForSecrets(variable) ? '1' : text,
          ]),
        ),
      )
    judgeAll(fc.record({ text: fc.constant(valid), env }))
  })
})
