import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { stringify } from 'yaml'
import { assertBuilt, Program } from '../e2e/program.js'
import { brokerOf, latest, observe, runBridge, siteConfig } from '../e2e/running-bridge.js'
import { SensorNode } from '../e2e/sensor-node.js'

const RELOADED = 'configuration reloaded'

/** A bridge on a configuration that can be written anew. */
async function onFile(...args: string[]) {
  assertBuilt()
  const directory = mkdtempSync(join(tmpdir(), 'alec-hangup-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  const file = join(directory, 'alec-bridge.yaml')
  const good = siteConfig({ overMqtt: ['shed'] })
  const write = (document: object | string) =>
    writeFileSync(file, typeof document === 'string' ? document : stringify(document))
  write(good)
  const bridge = Program.start(['run', '-c', file, '--broker-port', '0', '--for', '1min', ...args])
  const url = await brokerOf(bridge)
  const said = (message: string, count = 1) =>
    bridge.stdout.until(
      message,
      ({ documents }) => documents.filter(({ msg }) => msg === message)[count - 1],
    )
  return { bridge, file, good, url, write, said }
}

describe('a bridge that is told to read its configuration again', () => {
  it('F-50: says everything that is wrong with it, goes on as it was, and applies it when it is in order', async () => {
    const { bridge, file, good, url, write, said } = await onFile()
    const observer = await observe(url, 'alec/#')
    write(`${stringify(good)}nonsense: 1\nlog: {}\n`)
    bridge.signal('SIGHUP')
    const { problems } = await said('reload_failed')
    expect(String(problems)).toMatch(/alec-bridge\.yaml:\d+:\d+: nonsense: unknown key/)
    expect(String(problems)).toMatch(/alec-bridge\.yaml:\d+:\d+: .*log/)

    const sent: Promise<void>[] = []
    const node = new SensorNode('shed', (frame) => {
      sent.push(observer.publish('alec/shed/frame', frame))
    })
    node.send()
    await observer.until((seen) => seen.some(({ topic }) => topic === 'alec/shed/readings'))
    // The old device has another name for people; a new one is there; what needs a restart is named.
    const devices = { shed: { model: 'climate', name: 'Shed' }, barn: { model: 'climate' } }
    write({ ...good, devices, base_topic: 'other' })
    bridge.signal('SIGHUP')
    expect(await said(RELOADED)).toMatchObject({
      devices: { added: ['barn'], removed: [], changed: [] },
      sources: { opened: [], closed: [], changed: [] },
      needsRestart: ['base_topic'],
    })
    await observer.until((seen) => seen.some(({ topic }) => topic === 'alec/barn/availability'))
    expect(JSON.parse(latest(observer, 'alec/bridge/devices'))).toMatchObject([
      { id: 'shed', name: 'Shed', origin: 'file' },
      { id: 'barn', origin: 'file' },
    ])
    node.send()
    const readings = () => observer.seen.filter(({ topic }) => topic === 'alec/shed/readings')
    await observer.until(() => readings().length > 1)
    const last = JSON.parse(readings().at(-1)?.payload ?? '')
    expect(last).toMatchObject({ epoch: 1, seq: 1, quality: 'good' })
    await Promise.all(sent)
    renameSync(file, `${file}.gone`)
    bridge.signal('SIGHUP')
    expect(String((await said('reload_failed', 2)).problems)).toContain('cannot read')
    bridge.signal('SIGTERM')
    expect(await bridge.ended()).toBe(0)
  })

  it('clears what is retained of devices that are gone', async () => {
    const { bridge, good, url, write, said } = await onFile()
    const before = await observe(url, 'alec/shed/#')
    await before.until((seen) => seen.some(({ topic }) => topic === 'alec/shed/status'))
    write({ ...good, devices: {} })
    bridge.signal('SIGHUP')
    await said(RELOADED)
    const topics = ['availability', 'status', 'status/health', 'status/circuit']
    await before.until(() => topics.every((topic) => latest(before, `alec/shed/${topic}`) === ''))
    const after = await observe(url, 'alec/shed/#', 'alec/bridge/state')
    await after.until((seen) => seen.some(({ topic }) => topic === 'alec/bridge/state'))
    expect(after.seen.map(({ topic }) => topic)).toEqual(['alec/bridge/state'])
  })

  it('does so by itself with --watch, also where an editor puts a new file in the place of the old one', async () => {
    const { file, good, said } = await onFile('--watch')
    const devices = { shed: { model: 'climate' }, barn: { model: 'climate' } }
    writeFileSync(`${file}~`, stringify({ ...good, devices }))
    renameSync(`${file}~`, file)
    expect(await said(RELOADED)).toMatchObject({ devices: { added: ['barn'] } })
  })

  it('F-50: is not ended by it while it starts, and does it then', async () => {
    const bridge = runBridge({ overMqtt: ['shed'] })
    await bridge.stdout.until('its first line', ({ lines }) => lines.length > 0)
    bridge.signal('SIGHUP')
    await bridge.stdout.until(RELOADED, ({ text }) => text.includes(RELOADED))
    bridge.signal('SIGTERM')
    expect(await bridge.ended()).toBe(0)
  })
})
