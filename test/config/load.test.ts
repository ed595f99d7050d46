import { describe, expect, it } from 'vitest'
import { checkConfiguration, type Environment, loadConfiguration } from '../../src/config/index.js'
import { load, loaded, problemsOf, warningsOf } from './loading.js'
import { type MemoryFile, memoryFiles } from './memory-files.js'

const search = (disk: Record<string, MemoryFile>, env: Environment = {}, path?: string) =>
  loadConfiguration({
    cwd: '/work',
    env: { HOME: '/home/u', ...env },
    files: memoryFiles(disk),
    hostName: 'gw-1',
    ...(path !== undefined && { path }),
  })
const named = (name: string) => `version: 1\nbridge: { id: ${name} }\n`

describe('the configuration is looked for', () => {
  const places = {
    '/work/given.yaml': named('given'),
    '/etc/by-variable.yaml': named('by-variable'),
    '/work/alec-bridge.yaml': named('here'),
    '/xdg/alec-bridge/config.yaml': named('xdg'),
    '/home/u/.config/alec-bridge/config.yaml': named('home'),
    '/etc/alec-bridge/config.yaml': named('etc'),
  }
  const env = { ALEC_BRIDGE_CONFIG: '/etc/by-variable.yaml', XDG_CONFIG_HOME: '/xdg' }
  const without = (...paths: (keyof typeof places)[]) =>
    Object.fromEntries(
      Object.entries(places).filter(([path]) => !paths.includes(path as keyof typeof places)),
    )

  it('where the command line says', () => {
    const { bridge, file } = loaded(search(places, env, 'given.yaml'))
    expect([bridge.id, file]).toEqual(['given', '/work/given.yaml'])
  })

  it('where ALEC_BRIDGE_CONFIG says', () => {
    expect(loaded(search(places, env)).bridge.id).toBe('by-variable')
  })

  it('here, then in the personal place, then in /etc', () => {
    const xdg = { XDG_CONFIG_HOME: '/xdg' }
    expect(loaded(search(places, xdg)).bridge.id).toBe('here')
    const rest = without('/work/alec-bridge.yaml')
    expect(loaded(search(rest, xdg)).bridge.id).toBe('xdg')
    expect(loaded(search(rest)).bridge.id).toBe('home')
    const etc = without('/work/alec-bridge.yaml', '/home/u/.config/alec-bridge/config.yaml')
    expect(loaded(search(etc)).bridge.id).toBe('etc')
  })

  it('and one that was named must be there', () => {
    expect(search(places, env, 'no.yaml')).toEqual({
      ok: false,
      cause: 'configuration',
      problems: [
        {
          file: 'no.yaml',
          path: '',
          message: 'cannot read the configuration: there is no such file',
        },
      ],
      warnings: [],
    })
  })

  it('and where there is none, the places are told', () => {
    expect(problemsOf(search({}))).toEqual([
      'no configuration found (searched: alec-bridge.yaml, /home/u/.config/alec-bridge/config.yaml, /etc/alec-bridge/config.yaml); name one with --config',
    ])
  })

  it('and variables alone will do', () => {
    const { file, baseTopic } = loaded(search({}, { ALEC_BRIDGE__BASE_TOPIC: 'site' }))
    expect([file, baseTopic]).toEqual([undefined, 'site'])
  })

  it('and one that cannot be read is not passed over', () => {
    const unreadable = (error: string) => search({ ...places, '/work/alec-bridge.yaml': { error } })
    expect(loaded(unreadable('ENOTDIR')).bridge.id).toBe('home')
    expect(unreadable('EACCES')).toMatchObject({ ok: false, cause: 'permission' })
    expect(unreadable('EISDIR')).toMatchObject({ ok: false, cause: 'io' })
    expect(problemsOf(unreadable('EIO'))).toEqual([
      'alec-bridge.yaml: cannot read the configuration: reading it failed (EIO)',
    ])
  })

  it('and must be UTF-8', () => {
    const latin = { text: Uint8Array.of(0x61, 0xe9), mode: 0o644 }
    expect(search({ '/work/alec-bridge.yaml': latin })).toMatchObject({
      ok: false,
      cause: 'configuration',
      problems: [{ message: 'cannot read the configuration: it is not UTF-8 text' }],
    })
  })
})

describe('a configuration', () => {
  it('has every default filled in', () => {
    expect(loaded(load('version: 1\noutputs:\n'))).toEqual({
      file: '/etc/gw/c.yaml',
      baseTopic: 'alec',
      bridge: { id: 'gw-1' },
      broker: {
        kind: 'embedded',
        host: '127.0.0.1',
        port: 1883,
        publishRate: { perSecond: 5000, burst: 10_000 },
      },
      journal: { maxBytes: 2 ** 28, durability: { kind: 'strict' } },
      outputs: { qos: 1, retain: false, perChannel: false, uncertain: 'mark' },
      status: { intervalMs: 60_000 },
      resync: { onDrift: false, minIntervalMs: { line: 1000, mqtt: 60_000 }, bridgePerSecond: 5 },
      limits: {
        framesPerSecond: 50,
        burst: 200,
        queueBytes: 2 ** 24,
        portFramesPerSecond: 5000,
        portBurst: 10_000,
      },
      log: { level: 'info', parts: {} },
      models: new Map(),
      sources: [],
      devices: new Map(),
      unknownDevices: 'announce',
    })
  })

  it('takes a section whose every line is a comment as absent', () => {
    const text = 'version: 1\nbroker:\n  embedded:\n    # port: 1\nlog:\n# level: x\n'
    expect(loaded(load(text))).toEqual(loaded(load('version: 1\n')))
  })

  it('takes everything that is written', () => {
    const text = `version: 1
base_topic: plant/north
bridge: { id: gw-7 }
state_dir: state
outputs: { qos: 2, retain: true, per_channel: true, uncertain: withhold, thin_interval: 5min }
journal: { max_size: 64MiB, durability: { batched: 500ms }, overflow: thin }
status: { interval: 2min }
resync: { on_drift: true, min_interval: 90s, per_day: 3, bridge_per_second: 0.5 }
limits: { frames_per_second: 10, burst: 20, queue_size: 1MiB, port_frames_per_second: 100, port_burst: 400 }
log: { level: debug }
models:
  m:
    frames: compact
    profile: closed-loop
    interval: 1.5s
    scale: 1000
    keyframe_interval: 0
    channels:
      - { name: t, quantity: temperature, unit: °C, resolution: 0.10, min: -40, max: 85, max_step: 2, tolerance: 0.2 }
  s:
    frames: standard
    checksum: true
    multi: plain
    suppresses: true
    channels: [{ name: t, source: temperature }, { name: h, source: 9 }]
sources:
  - serial: { match: { vendor: 0x0403, product: 6001, serial_number: 00123 }, baud_rate: 9600, data_bits: 7, parity: even, stop_bits: 2, flow_control: rtscts, framing: slip, crc: crc16, address: byte, max_frame: 300, devices: { 1: a, 0x1F: b } }
  - serial: { path: 'tcp://[fe80::1]:4001', device: c }
  - mqtt: { topic: x/+/up, device: d, qos: 2, accept_retained: true, reorder_window: 8, payload: { encoding: hex }, downlink: { topic: x/down } }
  - mqtt: { topic: 'n/{device}', payload: { json: a.b }, downlink: { topic: 'm/{device}', json: { d: '{base64}' } }, devices: { 0004a30b: e } }
devices: { a: { model: m, name: A }, b: { model: m }, c: { model: s }, d: { model: s }, e: { model: s } }
unknown_devices: accept
default_model: m
`
    const configuration = loaded(load(text))
    expect(configuration).toMatchObject({
      baseTopic: 'plant/north',
      bridge: { id: 'gw-7' },
      stateDir: '/etc/gw/state',
      outputs: { qos: 2, retain: true, perChannel: true, uncertain: 'withhold' },
      status: { intervalMs: 120_000 },
      resync: {
        onDrift: true,
        minIntervalMs: { line: 90_000, mqtt: 90_000 },
        perDay: 3,
        bridgePerSecond: 0.5,
      },
      journal: {
        maxBytes: 2 ** 26,
        durability: { kind: 'batched', ms: 500 },
        overflow: 'thin',
        thinIntervalMs: 300_000,
      },
      limits: {
        framesPerSecond: 10,
        burst: 20,
        queueBytes: 2 ** 20,
        portFramesPerSecond: 100,
        portBurst: 400,
      },
      log: { level: 'debug' },
      unknownDevices: 'accept',
      defaultModel: 'm',
    })
    expect(configuration.models.get('m')).toEqual({
      frames: 'compact',
      checksum: false,
      profile: 'closed-loop',
      intervalMs: 1500,
      scale: 1000,
      keyframeInterval: 0,
      multi: 'adaptive',
      suppresses: false,
      channels: [
        {
          name: 't',
          quantity: 'temperature',
          unit: '°C',
          resolution: '0.10',
          min: -40,
          max: 85,
          maxStep: 2,
          tolerance: 0.2,
        },
      ],
    })
    expect(configuration.models.get('s')).toMatchObject({
      checksum: true,
      multi: 'plain',
      suppresses: true,
      channels: [
        { name: 't', source: 40 },
        { name: 'h', source: 9 },
      ],
    })
    expect(configuration.sources).toEqual([
      {
        kind: 'serial',
        match: { vendor: '0403', product: '6001', serialNumber: '00123' },
        baudRate: 9600,
        dataBits: 7,
        parity: 'even',
        stopBits: 2,
        flowControl: 'rtscts',
        framing: 'slip',
        crc: 'crc16',
        address: 'byte',
        maxFrame: 300,
        devices: new Map([
          [1, 'a'],
          [31, 'b'],
        ]),
      },
      {
        kind: 'serial',
        path: 'tcp://[fe80::1]:4001',
        baudRate: 115_200,
        dataBits: 8,
        parity: 'none',
        stopBits: 1,
        flowControl: 'none',
        framing: 'cobs',
        crc: 'crc32',
        address: 'none',
        maxFrame: 4096,
        device: 'c',
      },
      {
        kind: 'mqtt',
        topic: 'x/+/up',
        device: 'd',
        qos: 2,
        acceptRetained: true,
        reorderWindow: 8,
        payload: { encoding: 'hex' },
        downlink: { topic: 'x/down', encoding: 'binary' },
      },
      {
        kind: 'mqtt',
        topic: 'n/{device}',
        qos: 1,
        acceptRetained: false,
        reorderWindow: 0,
        payload: { json: 'a.b', encoding: 'base64' },
        downlink: { topic: 'm/{device}', encoding: 'binary', json: { d: '{base64}' } },
        devices: new Map([['0004a30b', 'e']]),
      },
    ])
    expect(configuration.devices.get('a')).toEqual({ id: 'a', model: 'm', name: 'A' })
  })

  it('is frozen all through', () => {
    const configuration = loaded(
      load('version: 1\nmodels: { m: { frames: compact, channels: [{ name: t }] } }\n'),
    )
    const models = configuration.models as Map<string, unknown>
    expect(() => models.set('x', 1)).toThrow(TypeError)
    expect(() => models.clear()).toThrow(TypeError)
    expect(() => Object.assign(configuration.outputs, { qos: 2 })).toThrow(TypeError)
    expect(() => Object.assign(configuration.models.get('m') ?? {}, { scale: 2 })).toThrow(
      TypeError,
    )
  })

  it('needs a host name that is an id, or an id', () => {
    const at = (hostName: string, text: string) =>
      problemsOf(
        loadConfiguration({
          path: '/c',
          cwd: '/',
          env: {},
          files: memoryFiles({ '/c': text }),
          hostName,
        }),
      )
    expect(at('café', 'version: 1\n')).toEqual([
      '/c:1:1: bridge.id: missing: the host name "café" is no id (letters, digits, _ and -)',
    ])
    expect(at('café', named('gw'))).toEqual([])
  })

  it('can come from a program', () => {
    const document = {
      version: 1,
      models: { m: { frames: 'compact', channels: [{ name: 't', resolution: 0.1 }] } },
    }
    const outcome = checkConfiguration(document, { cwd: '/', hostName: 'gw' })
    expect(loaded(outcome).models.get('m')?.channels[0]?.resolution).toBe('0.1')
    expect(Object.isFrozen(document)).toBe(false)
    expect(warningsOf(outcome)).toEqual([
      'models.m.channels[0]: channel t: no min and max and no known quantity: after a loss its error is unlimited',
      'sources: there are no sources: nothing comes in',
    ])
    expect(problemsOf(checkConfiguration({ version: 1, log: { level: 3 } }, { cwd: '/' }))).toEqual(
      ['log.level: expected fatal, error, warn, info, debug, trace or silent, got the number 3'],
    )
  })
})
