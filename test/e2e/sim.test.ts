import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { bridgeConfigFor } from '../../firmware-sim/index.js'
import { DEMO_SCENARIO, demoNodesOn, demoScenario, demoWays } from './demo-scenario.js'
import { Program } from './program.js'
import { brokerOf, configFile, doorState, observe } from './running-bridge.js'
import { readingsOf } from './sensor-node.js'

describe('alec-bridge sim, beside a bridge', () => {
  it('is read by the bridge on every line, though that was there first, and on MQTT', async () => {
    const directory = dirname(configFile({}))
    const paths = demoWays
      .filter(({ kind }) => kind === 'pty')
      .map(({ id }) => [id, join(directory, id)] as const)
    const file = configFile(bridgeConfigFor(demoScenario, { addresses: new Map(paths) }))
    const bridge = Program.start(['run', '-c', file, '--broker-port', '0', '--for', '1min'])
    const url = await brokerOf(bridge)
    const observer = await observe(url, 'alec/+/readings')
    for (const [, path] of paths) await doorState(bridge, `serial:${path}`, 'away')

    const args = ['-c', DEMO_SCENARIO, '--link-dir', directory, '--broker', url, '--for', '1min']
    const sim = Program.start(['sim', ...args])
    const nodes = [...demoNodesOn('pty'), ...demoNodesOn('mqtt')]
    await observer.until(() => nodes.every((id) => readingsOf(observer, id).length > 0))

    sim.signal('SIGTERM')
    expect(await sim.ended(5000)).toBe(0)
    expect(sim.hasLeftovers).toBe(false)
    for (const [, path] of paths) {
      expect(existsSync(path)).toBe(false)
      await doorState(bridge, `serial:${path}`, 'away', 1)
    }
    bridge.signal('SIGTERM')
    expect(await bridge.ended(5000)).toBe(0)
  })
})
