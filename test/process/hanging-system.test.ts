import { describe, expect, it } from 'vitest'
import { Program } from '../e2e/program.js'
import { brokerOf, configFile, latest, observe, siteConfig } from '../e2e/running-bridge.js'
import { onBroker, readingsOf } from '../e2e/sensor-node.js'
import { HangingSystem, withoutCompiler } from '../support/hanging-system.js'

describe.skipIf(withoutCompiler())('a bridge whose disk hangs', () => {
  it('F-42, F-51: stops in time, says what is undone, and has acknowledged nothing that it does not keep', async () => {
    const system = new HangingSystem()
    const bridge = Program.start(
      ['run', '-c', configFile(siteConfig({ overMqtt: ['shed'] })), '--broker-port', '0'],
      { env: system.env },
    )
    const url = await brokerOf(bridge)
    const observer = await observe(url, 'alec/#')
    const { client } = await observe(url)
    const shed = await onBroker('shed', client)
    await observer.until(() => latest(observer, 'alec/bridge/state') === 'online')
    shed.send()
    await observer.until(() => readingsOf(observer, 'shed').length === 1)
    system.hang('HANG_DISK')
    let acknowledged = false
    void client.publishAsync('alec/shed/frame', Buffer.from('a1', 'hex'), { qos: 1 }).then(() => {
      acknowledged = true
    })
    bridge.signal('SIGTERM')
    expect(await bridge.ended(10_000)).toBe('SIGTERM')
    expect(acknowledged).toBe(false)
    expect(latest(observer, 'alec/bridge/state')).toBe('offline')
    const complaint = bridge.stdout.documents.find(({ undone }) => undone !== undefined)
    expect(complaint).toMatchObject({ level: 50, msg: expect.stringContaining('does not answer') })
    expect(bridge.stdout.documents.at(-1)?.msg).toBe('bridge stopped')
    expect(bridge.stderr.text).toContain('the system does not answer')
  })
})

describe.skipIf(withoutCompiler())('a bridge whose name server is away', () => {
  it('F-51: stops in time', async () => {
    const system = new HangingSystem()
    system.hang('HANG_NAMES')
    const site = { brokerUrl: 'mqtt://broker.example:1883', overMqtt: ['shed'] }
    const bridge = Program.start(['run', '-c', configFile(siteConfig(site))], { env: system.env })
    await bridge.stdout.until('start', ({ text }) => text.includes('bridge started'))
    bridge.signal('SIGTERM')
    expect(await bridge.ended(10_000)).toBe('SIGTERM')
    expect(bridge.stdout.documents.at(-1)?.msg).toBe('bridge stopped')
  })
})
