import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { stringify } from 'yaml'
import { assertBuilt, Program } from '../e2e/program.js'
import { brokerOf, runBridge, siteConfig } from '../e2e/running-bridge.js'

const IN_ORDER = 'the configuration is in order: restart to apply it'

describe('a bridge that is told to look at its configuration again', () => {
  it('F-50: says what is wrong with it, goes on as it was, and says when it is in order', async () => {
    assertBuilt()
    const directory = mkdtempSync(join(tmpdir(), 'alec-hangup-'))
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
    const file = join(directory, 'alec-bridge.yaml')
    const good = stringify(siteConfig({ overMqtt: ['shed'] }))
    writeFileSync(file, good)
    const bridge = Program.start(['run', '-c', file, '--broker-port', '0', '--for', '1min'])
    await brokerOf(bridge)
    const said = (message: string) =>
      bridge.stdout.until(message, ({ documents }) => documents.find(({ msg }) => msg === message))
    writeFileSync(file, `${good}nonsense: 1\n`)
    bridge.signal('SIGHUP')
    const { problems } = await said('reload_failed')
    expect(String(problems)).toMatch(/nonsense: unknown key/)
    writeFileSync(file, good)
    bridge.signal('SIGHUP')
    await said(IN_ORDER)
    bridge.signal('SIGTERM')
    expect(await bridge.ended()).toBe(0)
  })

  it('F-50: is not ended by it while it starts', async () => {
    const bridge = runBridge({ overMqtt: ['shed'] })
    await bridge.stdout.until('its first line', ({ lines }) => lines.length > 0)
    bridge.signal('SIGHUP')
    await bridge.stdout.until(IN_ORDER, ({ text }) => text.includes(IN_ORDER))
    await brokerOf(bridge)
    bridge.signal('SIGTERM')
    expect(await bridge.ended()).toBe(0)
  })
})
