import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { FirmwareNode, Random, sensorKinds, uart8n1 } from '../../firmware-sim/index.js'
import { encodeAggregated, StandardEncoder } from '../../src/alec/index.js'
import { init } from '../../src/commands/init.js'
import { type InitOptions, type InitPorts, realPorts } from '../../src/commands/init-options.js'
import { checkConfiguration, loadConfiguration } from '../../src/config/index.js'
import { type LineFormat, wrapFrame } from '../../src/framing/index.js'
import type { BrokerDoor, IncomingMessage } from '../../src/transport/index.js'
import { ManualClock } from '../support/manual-clock.js'
import { recordedIo } from '../support/recorded-io.js'
import { temporaryDirectory } from '../support/temporary-directory.js'
import { seededLine, traffic } from '../survey/seeded-line.js'
import { UartPort } from './uart-door.js'

const NOTHING: InitPorts = {
  clock: new ManualClock(),
  lineDoor: () => expect.fail('no line is asked for'),
  brokerDoor: () => expect.fail('no broker is asked for'),
}

/** Frames of a node with a thermometer and a hygrometer, one a second. */
function climateFrames(count: number, seed = 1): Uint8Array[] {
  const node = new FirmwareNode(
    {
      id: 'node',
      channels: [
        { name: 'temperature', kind: sensorKinds.temperature, source: 1 },
        { name: 'humidity', kind: sensorKinds.humidity, source: 2 },
      ],
      frames: 'compact',
      profile: 'alec-1.3',
      intervalMs: 1000,
      keyframeInterval: 50,
      scale: 100,
      checksum: false,
      suppresses: false,
      timeLapse: 60,
    },
    new Random(seed),
    0,
  )
  return Array.from({ length: count }, () => node.step(node.nextAt)?.bytes ?? expect.fail())
}

const COBS: LineFormat = { framing: 'cobs', crc: 'crc32', address: 'none', maxFrame: 4096 }

/** A file as `cat /dev/ttyUSB0` would leave it. */
function capture(directory: string, frames = climateFrames(120)): string {
  const bytes = frames.flatMap((frame) => [...wrapFrame(COBS, frame)])
  writeFileSync(join(directory, 'line.bin'), Uint8Array.from(bytes))
  return 'line.bin'
}

async function initialised(
  options: InitOptions,
  ports = NOTHING,
  cwd = temporaryDirectory('alec-init-'),
) {
  const io = recordedIo(cwd)
  const code = await init(options, io, ports)
  return { code, out: io.out, err: io.err, cwd }
}

describe('init on what came out of a line', () => {
  it('proposes a file that check accepts as it is, with how sure it is on each line', async () => {
    const cwd = temporaryDirectory('alec-init-')
    const { code, out } = await initialised({ file: capture(cwd) }, NOTHING, cwd)
    expect(code).toBe(0)
    expect(out).toMatch(/^# Proposed by alec-bridge init/)
    expect(out).toMatch(/framing: cobs +# certain: 120 frames, 120 of 120 agree with their CRC/)
    expect(out).toMatch(
      /keyframe_interval: 50 +# certain: 50 frames from keyframe to keyframe, 2 times/,
    )
    expect(out).toMatch(/resolution: 0\.1 +# certain:/)
    expect(out).toMatch(/# interval: .* # unknown: no times of arrival/)
    expect(out).toMatch(/path: .* +# unknown: a file does not tell/)
    expect(out).toMatch(/baud_rate: 115200 +# unknown: a file does not tell/)
    writeFileSync(join(cwd, 'alec-bridge.yaml'), out)
    const loaded = loadConfiguration({ env: {}, cwd, path: 'alec-bridge.yaml' })
    expect(loaded).toMatchObject({ ok: true, warnings: [] })
  })

  it('gives the same as JSON, for programs', async () => {
    const cwd = temporaryDirectory('alec-init-')
    const file = capture(cwd)
    const { out } = await initialised({ file, json: true, device: 'shed' }, NOTHING, cwd)
    const { configuration, proposal } = JSON.parse(out)
    const yaml = await initialised({ file, device: 'shed' }, NOTHING, cwd)
    expect(parse(yaml.out)).toEqual(configuration)
    expect(Object.keys(configuration.devices)).toEqual(['shed'])
    expect(checkConfiguration(configuration, { cwd }).ok).toBe(true)
    expect(proposal.map(({ key }: { key: string }) => key)).toEqual([
      'version',
      'models',
      'sources',
      'devices',
    ])
  })

  it('writes a file, but no second time unless it is told to', async () => {
    const cwd = temporaryDirectory('alec-init-')
    const options = { file: capture(cwd), write: 'new.yaml' }
    const first = await initialised(options, NOTHING, cwd)
    expect([first.code, first.out]).toEqual([0, ''])
    expect(first.err).toContain('alec-bridge run -c new.yaml')
    const proposal = readFileSync(join(cwd, 'new.yaml'), 'utf8')
    writeFileSync(join(cwd, 'new.yaml'), 'precious')

    const second = await initialised(options, NOTHING, cwd)
    expect(second.code).toBe(74)
    expect(second.err).toContain('is there already: --force replaces it')
    expect(readFileSync(join(cwd, 'new.yaml'), 'utf8')).toBe('precious')

    expect((await initialised({ ...options, force: true }, NOTHING, cwd)).code).toBe(0)
    expect(readFileSync(join(cwd, 'new.yaml'), 'utf8')).toBe(proposal)
  })

  it('finds a gateway, and the devices that it collects from', async () => {
    const cwd = temporaryDirectory('alec-init-')
    const encoders = [1, 2].map(() => new StandardEncoder({ checksum: true }))
    const frames = Array.from({ length: 60 }, (_, i) =>
      encodeAggregated(
        encoders.map((encoder, n) => ({
          id: `t${n}`,
          data: encoder.encode(Math.round(200 + 30 * Math.sin(i / 3 + n)) / 10, {
            sourceId: 7,
            timestampMs: i * 1000,
            priority: 3,
          }),
        })),
      ),
    )
    const { out, code, err } = await initialised(
      { file: capture(cwd, frames), device: 'gw' },
      NOTHING,
      cwd,
    )
    expect(code, err).toBe(0)
    const { devices, models, sources } = parse(out)
    expect(Object.keys(devices)).toEqual(['gw', 'gw-t0', 'gw-t1'])
    expect(sources[0].serial.device).toBe('gw')
    expect(models[devices['gw-t0'].model]).toMatchObject({
      frames: 'standard',
      checksum: true,
      channels: [{ source: 7, resolution: 0.1 }],
    })
  })

  it('finds nothing in anything else, and says so', async () => {
    const cwd = temporaryDirectory('alec-init-')
    writeFileSync(join(cwd, 'text'), 'The quick brown fox\n'.repeat(500))
    const { code, out, err } = await initialised({ file: 'text', write: 'x' }, NOTHING, cwd)
    expect([code, out]).toEqual([65, ''])
    expect(err).toContain('there are no ALEC frames')
    expect(existsSync(join(cwd, 'x'))).toBe(false)
    expect((await initialised({ file: 'missing' })).code).toBe(74)
  })

  it.each<[InitOptions, string]>([
    [{}, 'give one of --port'],
    [{ port: '/dev/ttyUSB0', file: 'x' }, 'give one of --port'],
    [{ port: '/dev/ttyUSB0', topic: 'alec/{device}/frame' }, '--topic needs --broker'],
    [{ file: 'x', device: 'bridge' }, '--device takes'],
    [{ port: 'tcp://nowhere' }, 'expected tcp://host:port'],
    [{ broker: 'mqtt://h', topic: '{device}/{device}' }, 'stands in it 2 times'],
    [{ broker: 'mqtt://h', passwordFile: 'missing' }, 'ENOENT'],
  ])('refuses %j', async (options, reason) => {
    const { lineDoor: _lineDoor, ...rest } = NOTHING
    const { code, err } = await initialised(options, { ...rest, lineDoor: realPorts.lineDoor })
    expect(code).toBe(64)
    expect(err).toContain(reason)
  })
})

describe('init on a line', () => {
  it('names the nodes behind address bytes, and the rate that it found', async () => {
    const seed = Array.from({ length: 60 }, (_, i) => i + 1).find((one) => {
      const { format, nodes } = seededLine(one)
      return format.address === 'byte' && format.crc === 'crc32' && nodes.length > 1
    })
    const line = seededLine(seed ?? expect.fail())
    const nodes = line.nodes.map((node) => ({ ...node, spec: { ...node.spec, intervalMs: 1000 } }))
    const clock = new ManualClock()
    const port = new UartPort(uart8n1(9600), traffic({ ...line, nodes, missed: 0 }, 300), clock)
    const { code, out, err } = await port.runUntil(
      initialised(
        { port: '/dev/ttyUSB0', listen: 60_000 },
        { ...NOTHING, clock, lineDoor: (_path, setting) => port.door(setting) },
      ),
    )
    expect(code, err).toBe(0)
    const { serial } = parse(out).sources[0]
    expect(serial).toMatchObject({ path: '/dev/ttyUSB0', baud_rate: 9600, address: 'byte' })
    const addresses = line.nodes.map(({ address }) => address).sort((a, b) => a - b)
    expect(serial.devices).toEqual(
      Object.fromEntries(addresses.map((address) => [address, `node-${address}`])),
    )
    expect(out).toMatch(/baud_rate: 9600 +# certain: at this rate the bytes make sense/)
    expect(checkConfiguration(parse(out), { cwd: '/' }).ok).toBe(true)
  })
})

/** A broker at which these messages come, half a second apart. */
function brokerWith(messages: readonly Partial<IncomingMessage>[], clock: ManualClock): BrokerDoor {
  return {
    address: 'mqtt://here',
    keepsSession: false,
    open: (handlers) => {
      queueMicrotask(() => handlers.onConnected(false))
      return {
        publish: () => expect.fail('it only listens'),
        subscribe: (filter, _qos, done) => {
          done(filter.startsWith('secret') ? { ok: false, reason: 'not authorised' } : { ok: true })
          messages.forEach((message, i) => {
            const { topic = '', payload = new Uint8Array(), retain = false } = message
            clock.setTimer(500 * (i + 1), () =>
              handlers.onMessage({ topic, payload, retain, qos: 0 }),
            )
          })
        },
        unsubscribe: () => {},
        close: () => queueMicrotask(() => handlers.onClosed({ code: 'stopped', reason: 'by us' })),
        abort: () => {},
      }
    },
  }
}

async function onTopic(messages: readonly Partial<IncomingMessage>[], options: InitOptions) {
  const clock = new ManualClock()
  let done = false
  const result = initialised(
    { broker: 'mqtt://broker.example:1883', ...options },
    { ...NOTHING, clock, brokerDoor: () => brokerWith(messages, clock) },
  ).finally(() => {
    done = true
  })
  while (!done) {
    clock.advance(250)
    await new Promise(setImmediate)
  }
  return result
}

const utf8 = (text: string) => new TextEncoder().encode(text)

describe('init on a topic', () => {
  const frames = [climateFrames(150, 1), climateFrames(150, 2)]
  const both = (topic: (n: number) => string, payload: (frame: Uint8Array) => Uint8Array) =>
    (frames[0] ?? []).flatMap((_, i) =>
      frames.map((list, n) => ({
        topic: topic(n + 1),
        payload: payload(list[i] ?? expect.fail()),
      })),
    )

  it('finds the devices by their level of the topic, and one model for all that it fits', async () => {
    const { code, out, err } = await onTopic(
      both(
        (n) => `alec/shed-${n}/frame`,
        (frame) => frame,
      ),
      {},
    )
    expect(code, err).toBe(0)
    const proposal = parse(out)
    expect(proposal.broker).toEqual({ url: 'mqtt://broker.example:1883' })
    expect(proposal.sources).toEqual([{ mqtt: { topic: 'alec/{device}/frame' } }])
    expect(proposal.devices).toEqual({
      'shed-1': { model: 'shed-1' },
      'shed-2': { model: 'shed-1' },
    })
    expect(proposal.models['shed-1']).toMatchObject({ interval: '1s', keyframe_interval: 50 })
  })

  it.each([
    ['hexadecimal text', {}, 'hex', (frame: Uint8Array) => Buffer.from(frame).toString('hex')],
    ['base64 text', {}, 'base64', (frame: Uint8Array) => Buffer.from(frame).toString('base64')],
    [
      'a field of a JSON document',
      { json: 'uplink.data' },
      'base64',
      (frame: Uint8Array) =>
        JSON.stringify({
          deviceInfo: { name: 'abcd', devEui: '70b3d57ed0060001' },
          uplink: { data: Buffer.from(frame).toString('base64'), fPort: 10 },
        }),
    ],
  ])('finds frames in %s', async (_what, json, encoding, print) => {
    const { out, err } = await onTopic(
      both(
        (n) => `app/7/device/70b3d57ed006000${n}/up`,
        (frame) => utf8(print(frame)),
      ),
      { topic: 'app/+/device/{device}/up' },
    )
    const { payload, topic } = parse(out).sources[0].mqtt
    expect(topic, err).toBe('app/+/device/{device}/up')
    expect(payload).toEqual({ ...json, encoding })
    expect(checkConfiguration(parse(out), { cwd: '/' }).ok).toBe(true)
  })

  it('gives ids to those whose own would not do here', async () => {
    const { out } = await onTopic(
      both(
        (n) => `x/ö-${n}/frame`,
        (frame) => frame,
      ),
      {
        topic: 'x/{device}/frame',
      },
    )
    const proposal = parse(out)
    expect(Object.keys(proposal.devices)).toEqual(['node-1', 'node-2'])
    expect(proposal.sources[0].mqtt.devices).toEqual({ 'ö-1': 'node-1', 'ö-2': 'node-2' })
  })

  it('leaves out whose name cannot stand in a configuration', async () => {
    const { code, err } = await onTopic(
      both(
        (n) => `x/shed ${n}/frame`,
        (frame) => frame,
      ),
      { topic: 'x/{device}/frame' },
    )
    expect(code).toBe(69)
    expect(err).toContain('left out: "shed 1", a name that cannot stand in a configuration')
  })

  it('takes no retained message for a frame of now', async () => {
    const messages = climateFrames(20).map((payload) => ({
      topic: 'alec/a/frame',
      payload,
      retain: true,
    }))
    const { code, err } = await onTopic(messages, { listen: 30_000 })
    expect(code).toBe(69)
    expect(err).toContain('0 messages (and 20 retained ones, of any age)')
  })

  it('says what the broker refuses', async () => {
    const { code, err } = await onTopic([], { topic: 'secret/{device}' })
    expect(code).toBe(69)
    expect(err).toContain('the broker refuses secret/+: not authorised')
  })
})
