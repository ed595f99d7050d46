import { describe, expect, it } from 'vitest'
import { load, problemsOf } from './loading.js'

const bad: readonly (readonly [fact: string, text: string, ...problems: string[]])[] = [
  ['an empty file', '', 'c.yaml:1:1: the file is empty'],
  ['nothing but comments', '# nothing\n', 'c.yaml:1:1: the file is empty'],
  ['a list', '[1]', 'c.yaml:1:1: expected a map, got a list'],
  ['plain text', 'hello', 'c.yaml:1:1: expected a map, got another text (not shown)'],
  [
    'no version',
    'log: { level: info }',
    'c.yaml:1:1: version: missing: expected 1, the version of this format',
  ],
  [
    'another version',
    'version: 2',
    'c.yaml:1:10: version: expected 1, the version of this format, got the number 2',
  ],
  [
    'a key that is nearly right',
    'version: 1\nbase-topc: a\n',
    'c.yaml:2:1: base-topc: unknown key; did you mean base_topic?',
  ],
  [
    'a key that is like no other',
    'version: 1\nlog: { destination: stderr }\n',
    'c.yaml:2:8: log.destination: unknown key; known here: level, parts',
  ],
  [
    'bare numbers where units belong',
    'version: 1\nstatus: { interval: 60 }\nlimits: { queue_size: 1000000 }\nresync: { min_interval: 5 }\n',
    'c.yaml:2:21: status.interval: expected a duration with its unit from 1s to 1d: write 60s, got the number 60',
    'c.yaml:3:23: limits.queue_size: expected a size with its unit from 64KiB to 4GiB: write 1000000B, got the number 1000000',
    'c.yaml:4:25: resync.min_interval: expected a duration with its unit, or a map with line and mqtt: write 5s, got the number 5',
  ],
  [
    'units that are none, and quantities out of range',
    'version: 1\nstatus: { interval: 1 minute }\nlimits: { queue_size: 1KiB }\n',
    'c.yaml:2:21: status.interval: expected a duration with its unit from 1s to 1d, got the text "1 minute"',
    'c.yaml:3:23: limits.queue_size: expected a size with its unit from 64KiB to 4GiB, got the text "1KiB"',
  ],
  [
    'a wrong value inside the alternative that was meant',
    'version: 1\nresync: { min_interval: { line: 5, mqt: 1s } }\n',
    'c.yaml:2:33: resync.min_interval.line: expected a duration with its unit from 1ms to 365d: write 5s, got the number 5',
    'c.yaml:2:36: resync.min_interval.mqt: unknown key; did you mean mqtt?',
  ],
  [
    'words that are none of the choices',
    'version: 1\nlog: { level: wran }\noutputs: { qos: 3, uncertain: drop, retain: yes }\n',
    'c.yaml:2:15: log.level: expected fatal, error, warn, info, debug, trace or silent, got the text "wran"; did you mean warn?',
    'c.yaml:3:17: outputs.qos: expected 0, 1 or 2, got the number 3',
    'c.yaml:3:31: outputs.uncertain: expected mark or withhold, got the text "drop"',
    'c.yaml:3:45: outputs.retain: expected true or false, got the text "yes"',
  ],
  [
    'numbers out of range',
    'version: 1\nlimits: { burst: 0, frames_per_second: -1 }\nresync: { per_day: 1.5 }\n',
    'c.yaml:2:18: limits.burst: expected a whole number from 1 to 1000000, got the number 0',
    'c.yaml:2:40: limits.frames_per_second: expected a number above 0, got the number -1',
    'c.yaml:3:20: resync.per_day: expected a whole number from 0 to 1000000, got the number 1.5',
  ],
  [
    'infinite numbers',
    'version: 1\nlimits: { frames_per_second: .inf }\n',
    'c.yaml:2:30: limits.frames_per_second: expected a number above 0, got the number Infinity (written ".inf")',
  ],
  [
    'a base topic with a wildcard',
    'version: 1\nbase_topic: a/+/b\n',
    'c.yaml:2:13: base_topic: expected a topic without wildcards, spaces, dots and empty levels, got the text "a/+/b"',
  ],
  [
    'a base topic that leaves no room',
    `version: 1\nbase_topic: ${'x'.repeat(118)}\n`,
    'c.yaml:2:13: base_topic: it takes 118 bytes, more than 117',
  ],
  [
    'a base topic that MQTT does not carry',
    'version: 1\nbase_topic: "a\\ud800"\n',
    'c.yaml:2:13: base_topic: it holds a wildcard, a control character or invalid Unicode',
  ],
  [
    'a number in place of a name',
    'version: 1\nbridge: { id: 007 }\n',
    'c.yaml:2:15: bridge.id: expected an id (a letter or digit, then up to 63 letters, digits, _ or -) in quotes, got the number 7 (written "007")',
  ],
  [
    'a Home Assistant that could not be told, or not be heard',
    `version: 1\nhomeassistant: { discovery_prefix: ${'x'.repeat(118)}, status_topic: alec/a/event, enable: true }\n`,
    'c.yaml:2:36: homeassistant.discovery_prefix: it takes 118 bytes, more than 117',
    'c.yaml:2:170: homeassistant.status_topic: is one of alec/+/event, which the bridge publishes itself',
    'c.yaml:2:184: homeassistant.enable: unknown key; did you mean enabled?',
  ],
  [
    'a source that hears what Home Assistant is told',
    'version: 1\nhomeassistant: { discovery_prefix: ha }\nmodels: { m: { frames: compact, channels: [{ name: t }] } }\nsources: [{ mqtt: { topic: "ha/+/{device}/config" } }]\ndevices: { d: { model: m } }\n',
    'c.yaml:4:28: sources[0].mqtt.topic: matches ha/device/+/config, which the bridge publishes itself: its own messages would come back in',
  ],
  [
    'a journal that nobody could keep',
    'version: 1\njournal: { max_size: 10KiB, durability: { batched: 5min }, overflow: drop }\n',
    'c.yaml:2:22: journal.max_size: expected a size with its unit from 1MiB to 1000GiB, got the text "10KiB"',
    'c.yaml:2:52: journal.durability.batched: expected a duration with its unit from 1ms to 1min, got the text "5min"',
    'c.yaml:2:70: journal.overflow: expected block, drop-oldest, drop-newest or thin, got the text "drop"',
  ],
  [
    'an interval of thinning where nothing is thinned',
    'version: 1\noutputs: { thin_interval: 60s }\njournal: { overflow: block }\n',
    'c.yaml:2:12: outputs.thin_interval: belongs to journal.overflow: thin',
  ],
  [
    'a window and a protocol that are none',
    'version: 1\nbroker: { url: mqtt://a, protocol: 4 }\nsources: [{ mqtt: { topic: "x/{device}", reorder_window: 65 } }]\n',
    'c.yaml:2:36: broker.protocol: expected auto, 5 or 3.1.1, got the number 4',
    'c.yaml:3:58: sources[0].mqtt.reorder_window: expected a whole number from 0 to 64, got the number 65',
  ],
  [
    'an embedded broker that others could reach',
    'version: 1\nbroker: { embedded: { host: 0.0.0.0, port: 70000 } }\n',
    'c.yaml:2:29: broker.embedded.host: beyond this machine (127.0.0.1, ::1, localhost) the embedded broker needs tls and users; or use a broker such as Mosquitto, by url',
    'c.yaml:2:44: broker.embedded.port: expected a whole number from 0 to 65535, got the number 70000',
  ],
  [
    'two brokers at once',
    'version: 1\nbroker: { url: mqtt://a, embedded: {} }\n',
    'c.yaml:2:26: broker.embedded: a broker is one of embedded and url',
  ],
  [
    'access data without a broker to use them at',
    'version: 1\nbroker: { username: u, client_id: c }\n',
    'c.yaml:2:11: broker.username: belongs to an existing broker: add its url',
    'c.yaml:2:24: broker.client_id: belongs to an existing broker: add its url',
  ],
  [
    'a port that no URL can have',
    'version: 1\nbroker: { url: [mqtt://a, "mqtt://b:99999"] }\n',
    'c.yaml:2:27: broker.url[1]: is no URL: check host and port (1 to 65535)',
  ],
  [
    'TLS without a TLS address, and half a certificate',
    'version: 1\nbroker: { url: mqtt://a, tls: { cert: a.pem, pin: x } }\n',
    'c.yaml:2:31: broker.tls: cert and key belong together: one is missing',
    'c.yaml:2:31: broker.tls: needs mqtts: or wss: in every url',
    'c.yaml:2:39: broker.tls.cert: cannot read this file: there is no such file',
    'c.yaml:2:51: broker.tls.pin: expected a pin: sha256/ and the hash of a public key in base64 (44 characters), got another text (not shown)',
  ],
]

describe('F-49: a problem names its place, what was expected and what came', () => {
  it.each(bad)('%s', (_fact, text, ...problems) => {
    expect(problemsOf(load(text))).toEqual(problems)
  })
})

describe('what is doubtful', () => {
  it('is told only where nothing is wrong', () => {
    const outcome = load('version: 2\n')
    expect(outcome).toMatchObject({ ok: false, cause: 'configuration', warnings: [] })
  })
})
