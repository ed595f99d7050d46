import { describe, expect, it } from 'vitest'
import { load, loaded, problemsOf, warningsOf } from './loading.js'

/** A configuration that is right, with other lines in place of some of its own. */
function cluster(lines: Readonly<Record<string, string>> = {}): string {
  const document: Record<string, string> = {
    version: '1',
    broker: '{ url: "mqtt://rabbit:1883", username: b1, password_file: secret }',
    cluster: '{ amqp: "amqp://rabbit", group: plant-1, state: "redis://store:6379/2" }',
    sources: '[{ mqtt: { topic: "alec/{device}/frame" } }]',
    unknown_devices: 'accept',
    default_model: 'm',
    models:
      '{ m: { frames: compact, interval: 1s, channels: [{ name: t, resolution: 0.1, min: 0, max: 9 }] } }',
    ...lines,
  }
  return Object.entries(document)
    .map(([key, value]) => `${key}: ${value}\n`)
    .join('')
}

const disk = {
  '/etc/gw/secret': { text: 'hush\n', mode: 0o600 },
  '/etc/gw/store-secret': { text: 'tell nobody\n', mode: 0o600 },
  '/etc/gw/ca.pem': { text: '-----BEGIN CERTIFICATE-----\n', mode: 0o644 },
  '/etc/gw/cert.pem': { text: '-----BEGIN CERTIFICATE-----\n', mode: 0o644 },
  '/etc/gw/key.pem': { text: '-----BEGIN PRIVATE KEY-----\n', mode: 0o600 },
}

describe('a bridge among others', () => {
  it('knows its group, where its queues and its states are, and what else there is to know', () => {
    const outcome = load(cluster(), {}, disk)
    expect([problemsOf(outcome), warningsOf(outcome)]).toEqual([[], []])
    expect(loaded(outcome).cluster).toEqual({
      group: 'plant-1',
      frames: { kind: 'amqp', urls: ['amqp://rabbit'], partitions: 32, prefetch: 64 },
      state: { url: 'redis://store:6379/2' },
    })
  })

  it('reads the secrets of its state store from their files', () => {
    const state = '{ url: "rediss://store", username: b1, password_file: store-secret, ca: ca.pem }'
    const lines = { cluster: `{ amqp: ["amqps://r1", "amqps://r2/v"], group: g, state: ${state} }` }
    expect(loaded(load(cluster(lines), {}, disk)).cluster).toMatchObject({
      frames: { urls: ['amqps://r1', 'amqps://r2/v'] },
      state: {
        url: 'rediss://store',
        username: 'b1',
        password: 'tell nobody',
        ca: '-----BEGIN CERTIFICATE-----\n',
      },
    })
  })

  it('knows whom to trust at its queues and its store, and shows who it is', () => {
    const state = '{ url: "rediss://store", ca: ca.pem, cert: cert.pem, key: key.pem }'
    const tls = '{ ca: ca.pem, cert: cert.pem, key: key.pem }'
    const lines = { cluster: `{ amqp: "amqps://r", group: g, tls: ${tls}, state: ${state} }` }
    const outcome = load(cluster(lines), {}, disk)
    expect([problemsOf(outcome), warningsOf(outcome)]).toEqual([[], []])
    const pem = '-----BEGIN CERTIFICATE-----\n'
    const pems = { ca: pem, cert: pem, key: '-----BEGIN PRIVATE KEY-----\n' }
    expect(loaded(outcome).cluster).toMatchObject({ tls: pems, state: pems })
  })

  it.each([
    ['broker', {}],
    ['"mqtt://m1"', { urls: ['mqtt://m1'] }],
    ['["mqtts://m1", "wss://m2/mqtt"]', { urls: ['mqtts://m1', 'wss://m2/mqtt'] }],
  ])('takes its frames from shared subscriptions, too: mqtt: %s', (mqtt, urls) => {
    const lines = { cluster: `{ mqtt: ${mqtt}, group: g, state: "redis://s" }` }
    const outcome = load(
      cluster({ ...lines, sources: '[{ mqtt: { topic: "site.1/{device}/up" } }]' }),
      {},
      disk,
    )
    expect([problemsOf(outcome), warningsOf(outcome)]).toEqual([[], []])
    expect(loaded(outcome).cluster).toEqual({
      group: 'g',
      frames: { kind: 'mqtt', ...urls },
      state: { url: 'redis://s' },
    })
  })

  it('is not there where nothing is said of it', () => {
    const text = cluster().replace(/^cluster: .*\n/m, '')
    expect(loaded(load(text, {}, disk)).cluster).toBeUndefined()
  })

  it.each<[string, Record<string, string>, string[]]>([
    [
      'no broker that others reach',
      { broker: '{ embedded: {} }' },
      [
        'cluster: needs an existing broker: add broker.url, the MQTT address of RabbitMQ or of another broker',
      ],
    ],
    [
      'a journal, which would do nothing',
      { journal: '{ max_size: 1MiB }' },
      [
        'journal: does nothing with cluster: frames wait at the broker until their readings are published',
      ],
    ],
    [
      'a serial line',
      { sources: '[{ serial: { path: /dev/ttyUSB0, device: d1 } }]' },
      ['sources[0].serial: belongs to one machine: give it a bridge without cluster'],
    ],
    [
      'a topic that RabbitMQ would change',
      { sources: '[{ mqtt: { topic: "site.1/{device}/frame" } }]' },
      [
        'sources[0].mqtt.topic: RabbitMQ makes dots of slashes: a topic with dots comes as another one',
      ],
    ],
    [
      'a password in an address',
      { cluster: '{ amqp: "amqp://me:pw@rabbit", group: g, state: "redis://:pw@store" }' },
      [
        'cluster.amqp: expected a URL such as amqp://broker.example:5672 (or amqps:), got another text (not shown)',
        'cluster.state: expected a URL such as redis://store.example:6379 (or rediss:), got another text (not shown)',
      ],
    ],
    [
      'a user of the store without a password, and an authority without TLS',
      {
        cluster:
          '{ amqp: "amqp://r", group: g, state: { url: "redis://s", username: u, ca: ca.pem } }',
      },
      ['cluster.state.username: needs password_file', 'cluster.state.ca: needs a rediss: URL'],
    ],
    [
      'both ways that frames may come by',
      {
        cluster: '{ amqp: "amqp://r", mqtt: broker, group: g, partitions: 4, state: "redis://s" }',
      },
      [
        'cluster: needs one of the two: amqp (queues of RabbitMQ) or mqtt (shared subscriptions of another broker)',
        'cluster.partitions: belongs to amqp: with mqtt each topic is by itself',
      ],
    ],
    [
      'neither of the two',
      { cluster: '{ group: g, state: "redis://s" }' },
      [
        'cluster: needs one of the two: amqp (queues of RabbitMQ) or mqtt (shared subscriptions of another broker)',
      ],
    ],
    [
      'an older protocol, which knows no shared subscriptions',
      {
        broker: '{ url: "mqtt://m", protocol: "3.1.1" }',
        cluster: '{ mqtt: broker, group: g, state: "redis://s" }',
      },
      ['broker.protocol: cluster.mqtt needs MQTT 5: leave it away, or write 5'],
    ],
    [
      'half of what makes up a certificate, and whom to trust where nothing is encrypted',
      {
        cluster:
          '{ amqp: "amqp://r", tls: { cert: cert.pem }, group: g, state: { url: "rediss://s", key: key.pem } }',
      },
      [
        'cluster.state: cert and key belong together: one is missing',
        'cluster.tls: cert and key belong together: one is missing',
        'cluster.tls: needs amqps:, mqtts: or wss: in every URL',
      ],
    ],
    [
      'trust that belongs elsewhere',
      { cluster: '{ mqtt: broker, tls: { ca: ca.pem }, group: g, state: "redis://s" }' },
      ['cluster.tls: does nothing with mqtt: broker: write it to broker'],
    ],
    [
      'neither group nor store, and no partition',
      { cluster: '{ amqp: "amqp://r", partitions: 0 }' },
      [
        'cluster.group: missing: expected an id (a letter or digit, then up to 63 letters, digits, _ or -)',
        'cluster.partitions: expected a whole number from 1 to 1024, got the number 0',
        'cluster.state: missing: expected a URL such as redis://store.example:6379 (or rediss:), or a map with url',
      ],
    ],
  ])('is told of %s', (_what, lines, problems) => {
    const found = problemsOf(load(cluster(lines), {}, disk)).map((problem) =>
      problem.replace(/^c\.yaml:\d+:\d+: /, ''),
    )
    expect(found.sort()).toEqual(problems.toSorted())
  })

  it.each<[string, Record<string, string>, RegExp]>([
    [
      'a device may come by several topics',
      { sources: '[{ mqtt: { topic: "site/+/{device}/up" } }]' },
      /all frames of a device must come by one topic/,
    ],
    ['nobody confirms a reading', { outputs: '{ qos: 0 }' }, /with 0 nobody confirms a reading/],
  ])('is warned where %s', (_what, lines, warning) => {
    const outcome = load(cluster(lines), {}, disk)
    expect(problemsOf(outcome)).toEqual([])
    expect(warningsOf(outcome)).toEqual([expect.stringMatching(warning)])
  })
})
