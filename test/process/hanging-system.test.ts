import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { Program } from '../e2e/program.js'
import { brokerOf, configFile, latest, observe, siteConfig } from '../e2e/running-bridge.js'
import { onBroker, readingsOf } from '../e2e/sensor-node.js'
import { HangingSystem, withoutCompiler } from '../support/hanging-system.js'
import { temporaryDirectory } from '../support/temporary-directory.js'

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
  it('F-51: has asked for one name only, and stops in time', async () => {
    const system = new HangingSystem()
    system.hang('HANG_NAMES')
    const lines = { barn: 'tcp://barn.example:2000', mill: 'tcp://mill.example:2000' }
    const site = { brokerUrl: 'mqtt://broker.example:1883', overMqtt: ['shed'], lines }
    const bridge = Program.start(['run', '-c', configFile(siteConfig(site))], { env: system.env })
    await bridge.stdout.until('start', ({ text }) => text.includes('bridge started'))
    bridge.signal('SIGTERM')
    expect(await bridge.ended(10_000)).toBe('SIGTERM')
    expect(bridge.stdout.documents.at(-1)?.msg).toBe('bridge stopped')
    expect(system.unanswered).toHaveLength(1)
  })
})

/** Asks for four syncs of the disk and four names, all of which hang; then says whether a thread is left for a file. */
const CROWD = `
import { stat } from 'node:fs/promises'
import { connect } from 'node:net'
const [, built, directory] = process.argv
const { diskFiles } = await import(built + '/src/journal/index.js')
const { shareNames } = await import(built + '/src/transport/name-desk.js')
const { systemClock } = await import(built + '/src/clock.js')
shareNames(systemClock)
const hung = []
for (const n of [1, 2, 3, 4]) {
  diskFiles.write(directory + '/' + n, Uint8Array.of(n)).then(() => hung.push(n))
  connect({ host: n + '.example', port: 1 }).on('error', () => {})
}
// Whatever hangs has begun to long before the last of them.
for (let n = 0; n < 1000; n++) await stat(directory)
console.log('there', hung.length)
process.kill(process.pid, 'SIGKILL')
`

it.skipIf(withoutCompiler())(
  'F-42: disk and name server that both hang leave a thread to others',
  () => {
    const system = new HangingSystem()
    const built = new URL('../../dist', import.meta.url)
    system.hang('HANG_DISK')
    system.hang('HANG_NAMES')
    const { stdout, stderr } = spawnSync(
      process.execPath,
      ['--input-type=module', '-e', CROWD, built.href, temporaryDirectory('alec-crowd-')],
      { encoding: 'utf8', env: { ...process.env, ...system.env }, timeout: 5000 },
    )
    expect([stdout, stderr]).toEqual(['there 0\n', ''])
    expect(system.unanswered).toEqual(['1.example'])
  },
)
