import { describe, expect, it, onTestFinished } from 'vitest'
import { Mosquitto, withoutMosquitto } from '../support/mosquitto.js'
import { Program } from './program.js'
import { configFile, doorState, fixedTerminal, observe, siteConfig } from './running-bridge.js'
import { onLine, readingsOf } from './sensor-node.js'

describe.skipIf(withoutMosquitto())('alec-bridge doctor', () => {
  it('looks at everything beside a running bridge, which does not notice', async () => {
    const broker = await Mosquitto.start()
    onTestFinished(() => broker.stop())
    const terminal = fixedTerminal()
    const file = configFile(
      siteConfig({ brokerUrl: broker.url, lines: { shed: terminal.path }, overMqtt: ['roof'] }),
    )
    const bridge = Program.start(['run', '-c', file, '--for', '1min'])
    const observer = await observe(broker.url, 'alec/#')
    const node = onLine('shed', terminal)
    await doorState(bridge, `serial:${terminal.path}`, 'open')
    node.send()
    await observer.until(() => readingsOf(observer, 'shed').length === 1)

    const doctor = Program.start(['doctor', '-c', file, '--json'])
    expect(await doctor.ended(30_000), doctor.stderr.text).toBe(0)
    const { ok, checks } = JSON.parse(doctor.stdout.text)
    expect(ok).toBe(true)
    const seen = new Map(checks.map(({ check, seen }: Record<string, string>) => [check, seen]))
    expect(seen.get('bridge')).toBe('gw-test is online: what it has open is left alone')
    expect(seen.get(`port ${terminal.path}`)).toContain(`node (${bridge.pid}): the bridge`)

    node.send()
    await observer.until(() => readingsOf(observer, 'shed').length === 2)
    expect(bridge.stdout.documents.filter(({ kind }) => kind === 'away')).toEqual([])
    const states = observer.seen.filter(({ topic }) => topic === 'alec/bridge/state')
    expect(states.map(({ payload }) => payload)).toEqual(['online'])
    // What it sent itself, it took back.
    const own = observer.seen.filter(({ topic }) => topic.endsWith('/doctor'))
    expect(own.at(-1)?.payload).toBe('')
  })
})
