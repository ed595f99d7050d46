import { describe, expect, it } from 'vitest'
import { load, loaded, problemsOf, warningsOf } from './loading.js'

/** A configuration whose sources begin in line 3, column 5, with the devices `a`, `b` and `greenhouse`. */
const withSources = (...sources: string[]) => `version: 1
sources:
${sources.map((source) => `  - ${source}`).join('\n')}
models: { m: { frames: compact, channels: [{ name: t, quantity: temperature }] } }
devices: { a: { model: m }, b: { model: m }, greenhouse: { model: m } }
`
const any = "mqtt: { topic: 'alec/{device}/frame' }"

const bad: readonly (readonly [fact: string, sources: string[], ...problems: string[]])[] = [
  [
    'a source of no kind, of both, and of an unknown one',
    ['{}', `{ serial: { path: /dev/a, device: a }, ${any} }`, 'foo: 1'],
    'c.yaml:3:5: sources[0]: a source is one of serial and mqtt',
    'c.yaml:4:5: sources[1]: a source is one of serial and mqtt',
    'c.yaml:5:5: sources[2].foo: unknown key; known here: serial, mqtt',
    'c.yaml:5:5: sources[2]: a source is one of serial and mqtt',
  ],
  [
    'a line without a port, or with two ways to find it',
    ['serial: { device: a }', 'serial: { path: /dev/a, match: { vendor: 10c4 }, device: b }'],
    'c.yaml:3:13: sources[0].serial: a serial line is found by one of path and match',
    'c.yaml:4:13: sources[1].serial: a serial line is found by one of path and match',
  ],
  [
    'a line without a device, or with one and several',
    [
      'serial: { path: /dev/a }',
      'serial: { path: /dev/b, address: byte, device: a, devices: { 1: b } }',
    ],
    'c.yaml:3:13: sources[0].serial: a serial line has one of device and devices',
    'c.yaml:4:13: sources[1].serial: a serial line has one of device and devices',
  ],
  [
    'an address without devices, and devices without an address',
    [
      'serial: { path: /dev/a, address: byte, device: a }',
      'serial: { path: /dev/b, devices: { 1: b } }',
      'serial: { path: /dev/c, address: none, devices: { 1: greenhouse } }',
    ],
    'c.yaml:3:38: sources[0].serial.address: address byte needs devices, a map from addresses to device ids',
    'c.yaml:4:29: sources[1].serial.devices: a map of devices needs address: byte',
    'c.yaml:5:44: sources[2].serial.devices: a map of devices needs address: byte',
  ],
  [
    'addresses that are none or stand twice',
    ['serial: { path: /dev/a, address: byte, devices: { 1: a, 0x01: b, 256: greenhouse, x: a } }'],
    'c.yaml:3:61: sources[0].serial.devices.0x01: 0x01 is the same address as 1',
    'c.yaml:3:70: sources[0].serial.devices.256: expected an address from 0 to 255 (or 0x00 to 0xff), got the key "256"',
    'c.yaml:3:87: sources[0].serial.devices.x: expected an address from 0 to 255 (or 0x00 to 0xff), got the key "x"',
    'c.yaml:3:90: sources[0].serial.devices.x: the device a comes by this source already: a device has one way in',
  ],
  [
    'paths that are none',
    [
      'serial: { path: ttyUSB0, device: a }',
      'serial: { path: tcp://10.0.0.7, device: b }',
      "serial: { path: 'tcp://10.0.0.7:0', device: greenhouse }",
    ],
    'c.yaml:3:21: sources[0].serial.path: expected a full path such as /dev/ttyUSB0, got the text "ttyUSB0"',
    'c.yaml:4:21: sources[1].serial.path: expected tcp://host:port with a port from 1 to 65535, got the text "tcp://10.0.0.7"',
    'c.yaml:5:21: sources[2].serial.path: expected tcp://host:port with a port from 1 to 65535, got the text "tcp://10.0.0.7:0"',
  ],
  [
    'a port that is opened twice',
    ['serial: { path: /dev/a, device: a }', 'serial: { path: /dev/a, device: b }'],
    'c.yaml:4:21: sources[1].serial.path: sources[0] opens this port already',
  ],
  [
    'USB ids that are none',
    [
      'serial: { match: {}, device: a }',
      'serial: { match: { vendor: 403, product: xyzw }, device: b }',
    ],
    'c.yaml:3:22: sources[0].serial.match: expected at least one of vendor, product and serial_number',
    'c.yaml:4:32: sources[1].serial.match.vendor: expected a USB id of 4 hexadecimal digits such as 0403, got the number 403',
    'c.yaml:4:46: sources[1].serial.match.product: expected a USB id of 4 hexadecimal digits such as 0403, got the text "xyzw"',
  ],
  [
    'a length prefix without a crc to find it again',
    ['serial: { path: /dev/a, framing: length, crc: none, device: a }'],
    'c.yaml:3:51: sources[0].serial.crc: framing length needs a crc: crc32 or crc16',
  ],
  [
    'line settings that no port has',
    ['serial: { path: /dev/a, data_bits: 9, parity: evn, stop_bits: 3, max_frame: 1, device: a }'],
    'c.yaml:3:40: sources[0].serial.data_bits: expected 5, 6, 7 or 8, got the number 9',
    'c.yaml:3:51: sources[0].serial.parity: expected none, even, odd, mark or space, got the text "evn"; did you mean even?',
    'c.yaml:3:67: sources[0].serial.stop_bits: expected 1, 1.5 or 2, got the number 3',
    'c.yaml:3:81: sources[0].serial.max_frame: expected a whole number from 16 to 65535, got the number 1',
  ],
  [
    'a device that is not declared',
    ['serial: { path: /dev/a, device: greenhous }'],
    'c.yaml:3:37: sources[0].serial.device: there is no device greenhous under devices; did you mean greenhouse?',
  ],
  [
    'a device that comes by two sources',
    [
      'serial: { path: /dev/a, device: a }',
      'mqtt: { topic: x/y, device: a }',
      "mqtt: { topic: 'z/{device}', devices: { 70b3: a } }",
    ],
    'c.yaml:4:33: sources[1].mqtt.device: the device a comes by sources[0] already: a device has one way in',
    'c.yaml:5:51: sources[2].mqtt.devices.70b3: the device a comes by sources[1] already: a device has one way in',
  ],
  [
    'topics that cannot be subscribed',
    [
      "mqtt: { topic: 'x/y{device}' }",
      "mqtt: { topic: 'x/a+/{device}' }",
      "mqtt: { topic: '#/{device}' }",
      "mqtt: { topic: '{device}/{device}' }",
      "mqtt: { topic: '$SYS/{device}' }",
    ],
    'c.yaml:3:20: sources[0].mqtt.topic: cannot be subscribed: {device} must be a whole level, and there are no other placeholders',
    'c.yaml:4:20: sources[1].mqtt.topic: cannot be subscribed: + and # must be whole levels, and # the last one',
    'c.yaml:5:20: sources[2].mqtt.topic: cannot be subscribed: + and # must be whole levels, and # the last one',
    'c.yaml:6:20: sources[3].mqtt.topic: cannot be subscribed: {device} can stand only once',
    'c.yaml:7:20: sources[4].mqtt.topic: cannot be subscribed: topics that begin with $ belong to the broker',
  ],
  [
    'a topic that names no device, or one too many',
    [
      'mqtt: { topic: x/# }',
      "mqtt: { topic: 'y/{device}', device: a }",
      'mqtt: { topic: z, device: b, devices: { x: greenhouse } }',
    ],
    'c.yaml:3:11: sources[0].mqtt: which device? Put {device} in place of the level of topic that names it, or add device',
    'c.yaml:4:34: sources[1].mqtt.device: the topic names the device by {device} already: use one of the two',
    'c.yaml:5:34: sources[2].mqtt.devices: a map of devices needs {device} in the topic',
  ],
  [
    'an id of the network that no topic can hold',
    ["mqtt: { topic: 'y/{device}', devices: { a/b: a } }"],
    'c.yaml:3:45: sources[0].mqtt.devices["a/b"]: expected an id that can be a level of a topic',
  ],
  [
    'F-30: topics that the bridge publishes itself',
    [
      "mqtt: { topic: 'alec/{device}/readings' }",
      "mqtt: { topic: 'alec/#', device: a }",
      "mqtt: { topic: 'n/{device}/+', downlink: { topic: 'n/{device}/down' } }",
    ],
    'c.yaml:3:20: sources[0].mqtt.topic: matches alec/+/readings, which the bridge publishes itself: its own messages would come back in',
    'c.yaml:4:20: sources[1].mqtt.topic: matches alec/+/command, which the bridge publishes itself: its own messages would come back in',
    'c.yaml:5:20: sources[2].mqtt.topic: matches n/+/down, which the bridge publishes itself: its own messages would come back in',
  ],
  [
    'downlinks that cannot go out',
    [
      "mqtt: { topic: 'x/{device}', downlink: { topic: 'a/+', json: { a: 1 }, encoding: hex } }",
      "mqtt: { topic: 'y/{device}', downlink: { topic: 'y/{dev}' } }",
    ],
    'c.yaml:3:53: sources[0].mqtt.downlink.topic: cannot be published: a topic to publish on has no + and no #',
    'c.yaml:3:66: sources[0].mqtt.downlink.json: has no place for the bytes: put {base64} or {hex} into one of its texts',
    'c.yaml:3:76: sources[0].mqtt.downlink.encoding: json says by {base64} or {hex} how the bytes are written: remove it',
    'c.yaml:4:53: sources[1].mqtt.downlink.topic: cannot be published: there are no other placeholders than {device}',
  ],
]

describe('a problem of a source', () => {
  it.each(bad)('%s', (_fact, sources, ...problems) => {
    expect(problemsOf(load(withSources(...sources)))).toEqual(problems)
  })
})

describe('a problem of a device', () => {
  it('names the model, the id or what is missing', () => {
    const text = `version: 1
models: { climate: { frames: compact, channels: [{ name: t }] } }
devices:
  greenhouse: { model: climat }
  Greenhouse: { model: climate, nmae: x }
  bridge: { model: climate }
  x y: {}
  q:
unknown_devices: accept
`
    expect(problemsOf(load(text))).toEqual([
      'c.yaml:4:24: devices.greenhouse.model: there is no model climat; did you mean climate?',
      'c.yaml:5:3: devices.Greenhouse: there is a device greenhouse already; upper and lower case do not count',
      'c.yaml:5:33: devices.Greenhouse.nmae: unknown key; did you mean name?',
      'c.yaml:6:3: devices.bridge: the name bridge is reserved: choose another one',
      'c.yaml:7:3: devices["x y"].model: missing: expected an id (a letter or digit, then up to 63 letters, digits, _ or -)',
      'c.yaml:7:3: devices["x y"]: expected an id (a letter or digit, then up to 63 letters, digits, _ or -), got the key "x y"',
      'c.yaml:8:5: devices.q: expected a map, got nothing',
      'c.yaml:9:18: unknown_devices: accept needs default_model, the model to decode them with',
    ])
  })
})

describe('a warning about a source', () => {
  it.each([
    [
      'crc: none',
      'c.yaml:3:48: sources[0].serial.crc: hex without crc: damaged frames are not noticed; their readings are marked',
    ],
    [
      'crc: crc16',
      'c.yaml:3:48: sources[0].serial.crc: crc16 lets one damaged frame in 65536 through; crc32 is safer',
    ],
  ])('tells what %s lets through', (crc, warning) => {
    const text = withSources(`serial: { path: /dev/a, framing: hex, ${crc}, device: a }`, any)
    expect(warningsOf(load(text))).toEqual([warning])
  })

  it('tells that a converter does not take line settings from here', () => {
    const text = withSources("serial: { path: 'tcp://h:4001', baud_rate: 9600, device: a }", any)
    expect(warningsOf(load(text))).toEqual([
      'c.yaml:3:37: sources[0].serial.baud_rate: has no effect over TCP: set it at the converter',
    ])
  })

  it('tells of messages that come twice', () => {
    const text = withSources(any, "mqtt: { topic: '+/{device}/frame' }")
    expect(warningsOf(load(text))).toEqual([
      'c.yaml:4:20: sources[1].mqtt.topic: overlaps with the topic of sources[0]: what matches both comes twice',
    ])
  })

  it('tells of devices that nothing brings, and of having no sources', () => {
    expect(warningsOf(load(withSources('serial: { path: /dev/a, device: a }')))).toEqual([
      'c.yaml:5:29: devices.b: no source brings this device',
      'c.yaml:5:46: devices.greenhouse: no source brings this device',
    ])
    expect(warningsOf(load('version: 1\n'))).toEqual([
      'c.yaml:1:1: sources: there are no sources: nothing comes in',
    ])
  })

  it('tells of a device that gets the default model, and knows it from the start', () => {
    const text = `${withSources('serial: { path: /dev/a, device: greenhous }', any)}unknown_devices: accept\ndefault_model: m\n`
    expect(warningsOf(load(text))).toEqual([
      'c.yaml:3:37: sources[0].serial.device: the device greenhous is not declared: it gets the default model; did you mean greenhouse?',
    ])
    expect(loaded(load(text)).devices.get('greenhous')).toEqual({ id: 'greenhous', model: 'm' })
    expect(problemsOf(load(text.replace('greenhous ', 'Greenhouse ')))).toEqual([
      'c.yaml:3:37: sources[0].serial.device: there is no device Greenhouse under devices; did you mean greenhouse?',
    ])
  })
})
