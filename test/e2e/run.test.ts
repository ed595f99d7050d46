import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { freePort } from '../support/free-port.js'
import { Program } from './program.js'
import {
  brokerOf,
  configFile,
  doorState,
  fixedTerminal,
  latest,
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
    const url = `mqtt://127.0.0.1:${port}`
    const away = await bridge.stdout.until('the broker is away', ({ documents }) =>
      documents.find(({ broker, kind }) => broker === url && kind === 'away'),
    )
    expect(away).toMatchObject({ level: 40, code: 'ECONNREFUSED' })
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

    await observer.until(() => latest(observer, 'alec/bridge/status').includes('ENOENT'))
    const { health, checks } = JSON.parse(latest(observer, 'alec/bridge/status'))
    expect(health).toBe('unhealthy')
    expect(checks[`port:serial:${NOWHERE}`]).toMatchObject({
      status: 'unhealthy',
      message: expect.stringContaining(NOWHERE),
    })
    expect(checks[`port:serial:${terminal.path}`]).toMatchObject({ status: 'healthy' })
  })

  it('says offline and ends with 0 when its time is over', async () => {
    const bridge = runBridge({ overMqtt: ['shed'] }, '--for', '1500ms')
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

  it('ends with 69 where the port of its own broker is taken', async () => {
    const taken = await brokerOf(runBridge({ overMqtt: ['shed'] }))
    const second = runBridge({ overMqtt: ['roof'] }, '--broker-port', new URL(taken).port)
    expect(await second.ended()).toBe(69)
    expect(second.stderr.text).toContain(new URL(taken).port)
  })

  it('ends with 64 where --broker-port cannot be meant', async () => {
    const site = { brokerUrl: 'mqtt://127.0.0.1:1', overMqtt: ['shed'] }
    const bridge = runBridge(site, '--broker-port', '0')
    expect(await bridge.ended()).toBe(64)
    expect(bridge.stderr.text).toContain('--broker-port')
  })

  it('ends with 64 where --for is no duration', async () => {
    const bridge = runBridge({ overMqtt: ['shed'] }, '--for', 'ever')
    expect(await bridge.ended()).toBe(64)
    expect(bridge.stderr.text).toContain('20s')
  })

  it.each(['run', 'check'])(
    'F-49: ends %s with 78 and says where the configuration is wrong',
    async (verb) => {
      const file = configFile({ ...siteConfig({ overMqtt: ['shed'] }), brokr: {} })
      const program = Program.start([verb, '-c', file])
      expect(await program.ended()).toBe(78)
      const line = readFileSync(file, 'utf8').split('\n').indexOf('brokr: {}') + 1
      expect(program.stderr.text).toMatch(`${file}:${line}:1: `)
      expect(program.stderr.text).toContain('did you mean broker?')
      expect(program.stdout.text).toBe('')
    },
  )

  it.each(['run', 'check'])(
    'F-30: ends %s with 78 where its own output would come back in',
    async (verb) => {
      const config = { ...siteConfig({}), sources: [{ mqtt: { topic: 'alec/{device}/readings' } }] }
      const program = Program.start([verb, '-c', configFile(config)])
      expect(await program.ended()).toBe(78)
      expect(program.stderr.text).toContain('which the bridge publishes itself')
    },
  )

  it('ends with 78 where there is no configuration at all', async () => {
    const program = Program.start(['run', '-c', '/nowhere/alec-bridge.yaml'])
    expect(await program.ended()).toBe(78)
    expect(program.stderr.text).toContain('/nowhere/alec-bridge.yaml')
  })
})
