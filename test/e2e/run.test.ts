import { describe, expect, it } from 'vitest'
import { freePort } from '../support/free-port.js'
import { Program } from './program.js'
import {
  brokerOf,
  configFile,
  doorState,
  fixedTerminal,
  observe,
  runBridge,
  siteConfig,
} from './running-bridge.js'
import { onLine, readingsOf } from './sensor-node.js'

const NOWHERE = '/dev/serial/by-id/usb-nothing-here'

describe('alec-bridge run, as a process', () => {
  it('stays with neither its port nor its broker there, says so, and ends well on SIGTERM', async () => {
    const port = await freePort()
    const bridge = runBridge({
      brokerUrl: `mqtt://127.0.0.1:${port}`,
      lines: { roof: NOWHERE },
      overMqtt: ['shed'],
    })
    const missing = await doorState(bridge, `serial:${NOWHERE}`, 'away')
    expect(missing).toMatchObject({ code: 'ENOENT' })
    const away = await bridge.stdout.until('the broker is away', ({ documents }) =>
      documents.find(({ source, kind }) => source !== `serial:${NOWHERE}` && kind === 'away'),
    )
    expect(away).toMatchObject({ code: 'ECONNREFUSED' })
    const warning = await bridge.stdout.until('a warning about the broker', ({ documents }) =>
      documents.find((line) => line['component'] === 'broker' && line['status'] === 'unhealthy'),
    )
    expect(String(warning['message'])).toContain('ECONNREFUSED')
    expect(bridge.isRunning).toBe(true)

    bridge.signal('SIGTERM')
    expect(await bridge.ended(5000)).toBe(0)
    expect(bridge.stderr.text).toBe('')
    expect(bridge.hasLeftovers).toBe(false)
  })

  it('tells in bridge/status which port is missing, and serves the others', async () => {
    const terminal = fixedTerminal()
    const bridge = runBridge({ lines: { roof: NOWHERE, cellar: terminal.path } })
    const observer = await observe(await brokerOf(bridge), 'alec/#')
    const cellar = onLine('cellar', terminal)
    await doorState(bridge, `serial:${terminal.path}`, 'open')
    cellar.send()
    await observer.until(() => readingsOf(observer, 'cellar').length > 0)

    await observer.until((seen) =>
      seen.some(
        ({ topic, payload }) => topic === 'alec/bridge/status' && payload.includes(NOWHERE),
      ),
    )
    const said = observer.seen.findLast(({ topic }) => topic === 'alec/bridge/status')!
    const { health, checks } = JSON.parse(said.payload)
    expect(health).toBe('unhealthy')
    expect(checks).toContainEqual(
      expect.objectContaining({
        component: `port:serial:${NOWHERE}`,
        status: 'unhealthy',
        message: expect.stringContaining('ENOENT'),
      }),
    )
  })

  it('opens a port that appears later', async () => {
    const bridge = runBridge({ lines: {} })
    expect(await brokerOf(bridge)).toMatch(/^mqtt:\/\/127\.0\.0\.1:\d+$/)
  })

  it('says offline and ends with 0 when its time is over', async () => {
    const bridge = Program.start([
      'run',
      '-c',
      configFile(siteConfig({ overMqtt: ['shed'] })),
      '--broker-port',
      '0',
      '--for',
      '1500ms',
    ])
    const observer = await observe(await brokerOf(bridge), 'alec/bridge/state')
    expect(await bridge.ended(8000)).toBe(0)
    const ran = performance.now() - bridge.startedAt
    expect(ran).toBeGreaterThan(1500)
    expect(observer.seen.map(({ payload }) => payload)).toEqual(['online', 'offline'])
    expect(bridge.stdout.documents).toHaveLength(bridge.stdout.lines.length)
  })

  it('prints the port that it got even where it logs nothing else', async () => {
    const bridge = runBridge({ overMqtt: ['shed'], logLevel: 'silent' })
    const printed = await bridge.stderr.until(
      'the address of the broker',
      ({ text }) => /mqtt:\/\/127\.0\.0\.1:\d+/.exec(text)?.[0],
    )
    const observer = await observe(printed, 'alec/bridge/state')
    await observer.until((seen) => seen.some(({ payload }) => payload === 'online'))
    bridge.signal('SIGINT')
    expect(await bridge.ended(5000)).toBe(0)
    expect(bridge.stdout.text).toBe('')
  })
})
