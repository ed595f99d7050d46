import { onTestFinished } from 'vitest'
import { Bridge } from '../../src/bridge.js'
import type { BridgeOptions } from '../../src/bridge-options.js'
import { checkConfiguration } from '../../src/config/index.js'
import { NODE_MODEL } from '../faults/measured-node.js'
import { ManualClock } from '../support/manual-clock.js'
import { ScriptedDoor } from '../transport/scripted-door.js'

/** A whole bridge without a journal, on a broker that the test plays; its clock moves by hand. `rest` is of its configuration. */
export async function bridgeOnScriptedDoor(
  devices: readonly string[],
  options: Partial<BridgeOptions> = {},
  rest: object = {},
) {
  const outcome = checkConfiguration(
    {
      version: 1,
      bridge: { id: 'gw-1' },
      broker: { url: 'mqtt://scripted' },
      models: { node: NODE_MODEL },
      sources: [{ mqtt: { topic: 'alec/{device}/frame' } }],
      devices: Object.fromEntries(devices.map((id) => [id, { model: 'node' }])),
      ...rest,
    },
    { cwd: '/', hostName: 'gw-1' },
  )
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.problems))
  const clock = new ManualClock({ wall: Date.UTC(2026, 10, 23) })
  const [input, output] = [new ScriptedDoor(true), new ScriptedDoor()]
  const log: [message: string, facts: object][] = []
  const write = (facts: object, message: string) => void log.push([message, facts])
  const bridge = new Bridge({
    configuration: outcome.configuration,
    version: '0',
    clock,
    random: () => 0.5,
    log: { debug: write, info: write, warn: write, error: write },
    gauge: {
      start: () => {},
      stop: () => {},
      loopLagMs: () => 0,
      memory: () => ({ used: 10, limit: 100 }),
    },
    brokerDoor: (_access, { clean }) => (clean ? output : input),
    ...options,
  })
  await bridge.start()
  onTestFinished(async () => {
    const stopping = bridge.stop()
    for (const door of [input, output]) door.last.isClosed()
    await stopping
  })
  /** The broker takes both connections, and grants what is asked for. */
  const connect = async (resumed = false) => {
    input.last.isConnected(resumed)
    output.last.isConnected()
    input.last.grantAll()
    output.last.grantAll()
    for (let turn = 0; turn < 10; turn++) await Promise.resolve()
  }
  return { bridge, configuration: outcome.configuration, clock, input, output, log, connect }
}
