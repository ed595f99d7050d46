import { describe, expect, it, onTestFinished } from 'vitest'
import { freePort } from '../support/free-port.js'
import { Mosquitto, withoutMosquitto } from '../support/mosquitto.js'
import { Program } from './program.js'
import { configFile, latest, observe, siteConfig } from './running-bridge.js'
import { onBroker } from './sensor-node.js'

async function startMosquitto(): Promise<Mosquitto> {
  const broker = await Mosquitto.start()
  onTestFinished(() => broker.stop())
  return broker
}

const listening = (program: Program) =>
  program.stderr.until('that it listens', ({ text }) => text.includes('listening at ') || undefined)

describe.skipIf(withoutMosquitto())('alec-bridge tap', () => {
  it('shows a frame and what the bridge makes of it, of the device that was asked for', async () => {
    const broker = await startMosquitto()
    const file = configFile(siteConfig({ brokerUrl: broker.url, overMqtt: ['shed', 'roof'] }))
    const observer = await observe(broker.url, 'alec/#')
    const shed = await onBroker('shed', (await observe(broker.url)).client)
    const roof = await onBroker('roof', (await observe(broker.url)).client)
    Program.start(['run', '-c', file, '--for', '1min'])
    await observer.until(() => latest(observer, 'alec/bridge/state') === 'online')

    const all = Program.start(['tap', '-c', file])
    const one = Program.start(['tap', 'shed', '-c', file, '--json'])
    await Promise.all([listening(all), listening(one)])
    roof.send()
    shed.send()

    const kinds = () => one.stdout.documents.map(({ kind }) => kind)
    await one.stdout.until('the readings', () => kinds().includes('readings') || undefined)
    const [temperature, humidity] = shed.measured.values().next().value ?? []
    const sent = observer.seen.find(({ topic }) => topic === 'alec/shed/frame')
    expect(one.stdout.documents).toContainEqual({
      ts: expect.stringMatching(/^20.*Z$/),
      kind: 'frame',
      device: 'shed',
      hex: Buffer.from(sent?.bytes ?? []).toString('hex'),
    })
    expect(one.stdout.documents.find(({ kind }) => kind === 'readings')).toMatchObject({
      device: 'shed',
      document: { quality: 'good', temperature, humidity },
    })
    expect(new Set(one.stdout.documents.map(({ device }) => device))).toEqual(new Set(['shed']))

    const line = `  shed  readings  1/0 good  temperature=${temperature}  humidity=${humidity}`
    await all.stdout.until(
      'both devices',
      ({ text }) => (text.includes('  roof  frame     ') && text.includes(line)) || undefined,
    )
    one.signal('SIGINT')
    expect(await one.ended()).toBe(0)

    await broker.kill()
    expect(await all.ended()).toBe(69)
  })

  it('knows which devices there are, and where there is no broker', async () => {
    const file = configFile(siteConfig({ brokerUrl: 'mqtt://127.0.0.1:1', overMqtt: ['shed'] }))
    const unknown = Program.start(['tap', 'barn', '-c', file])
    const alone = Program.start(['tap', '-c', file])
    expect(await unknown.ended()).toBe(64)
    expect(unknown.stderr.text).toContain('configured: shed')
    expect(await alone.ended()).toBe(69)
    expect(alone.stderr.text).toContain('no broker listens there')
  })
})

describe('the embedded broker', () => {
  it('lets the verbs in that look at a running bridge', async () => {
    const broker = { embedded: { port: await freePort() } }
    const file = configFile({ ...siteConfig({ overMqtt: ['shed'] }), broker })
    const bridge = Program.start(['run', '-c', file, '--for', '1min'])
    await bridge.stdout.until('that it runs', ({ text }) => text.includes('bridge started'))
    const tap = Program.start(['tap', '-c', file])
    await listening(tap)
    const healthcheck = Program.start(['healthcheck', '-c', file])
    expect(await healthcheck.ended(), healthcheck.stderr.text).toBe(0)
    tap.signal('SIGTERM')
    expect(await tap.ended()).toBe(0)
  })
})
