import { expect, it } from 'vitest'
import { load, problemsOf, warningsOf } from './loading.js'
const M = `models:
  m:
    frames: compact
    channels: [{ name: t, quantity: temperature }]
`
const S = `sources:
  - mqtt: { topic: 'alec/{device}/frame' }
`
const cases: string[] = [
'', 'hello', '[1]', 'version: 2', 'versoin: 1', 
`version: 1\nbroker: { url: mqtt://bob:canary@h }`,
`version: 1\nbroker: { keepalive: 5, pasword: canary, url: 5 }`,
`version: 1\nstatus: { interval: 60 }\nlimits: { queue_size: 5, burst: 0, frames_per_second: -1 }\nresync: { min_interval: 5 }\n`,
`version: 1\nresync: { min_interval: { line: 5, mqt: 1s } }\n`,
`version: 1\nlog: { level: wran }\noutputs: { qos: 3, uncertain: drop, retain: yes }\nbase_topic: a/+/b\n`,
`version: 1\njournal: { max_size: 256MiB, durability: strict, overflow: drop-oldest }\nhttp: {}\nhomeassistant: {}\ncluster: { x: 1 }\nbroker: { embedded: { host: 0.0.0.0, port: 70000, users: [] } }`,
`version: 1
models:
  a b: { frames: compakt, channels: [] }
  c:
    frames: compact
    profile: closed-loop
    interval: 60
    multi: adaptive
    checksum: true
    channels:
      - { name: ts, min: 5, max: 3, resolution: 0, max_step: 0 }
      - { name: t, resolutoin: 0.1 }
      - { name: T, resolution: 0x10, source: 4 }
      - { name: 7, quantity: temprature }
      - { name: u, resolution: 0.001, quantity: temprature }
  s:
    frames: standard
    profile: closed-loop
    keyframe_interval: 5
    multi: plain
    channels: [{ name: a }, { name: b, source: 40 }, { name: c, source: temperature }, { name: d, source: 300 }]
  C:
    frames: standard
    channels: 5
`,
`version: 1
${M}sources:
  - serial: { path: ttyUSB0, framing: length, crc: none, device: greenhous }
  - serial: { path: tcp://x, baud_rate: 9600, address: byte, device: greenhouse }
  - serial: { path: /dev/a, devices: { 1: a } }
  - serial: { path: /dev/a, address: byte, devices: { 1: a, 0x01: b, 300: d, z: e } }
  - serial: { match: { vendor: 403, product: 6001 }, crc: crc16, device: greenhouse }
  - serial: {}
    mqtt: { topic: x }
  - {}
  - mqtt: { topic: 'alec/{device}/readings' }
  - mqtt: { topic: 'x/{device}', device: greenhouse, downlink: { topic: 'a/+', json: { a: 1 }, encoding: hex } }
  - mqtt: { topic: 'x/y{device}' }
  - mqtt: { topic: 'x/#' }
  - foo: 1
devices:
  greenhouse: { model: n }
  Greenhouse: { model: m }
  bridge: { model: m }
  x y: { model: m }
  q: 
unknown_devices: accept
`,
`version: 1\nbroker: { username: u, tls: { cert: a.pem } }`,
`version: 1\nbroker: { url: [mqtt://a, foo], password: canary, tls: { insecure: true, pin: x, ca: ca.pem } }`,
`version: 1\n${M}${S}devices:\n  d: { model: m }\n  d: { model: m }\n`,
]
it('x', () => {
  for (const c of cases) { const o = load(c); console.log(`--- ${c.slice(0,80)}\n` + problemsOf(o).join('\n') + '\n W\n' + warningsOf(o).join('\n')) }
  expect(1).toBe(1)
})
