import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { BridgeProcess } from '../../test/faults/bridge-process.js'
import { NO_BUDGET, NO_LIMITS } from '../../test/faults/line-site.js'
import { NODE_MODEL } from '../../test/faults/measured-node.js'
import { within } from '../../test/faults/pace.js'
import { endsWithUs } from '../../test/support/ends-with-us.js'

import type { BenchNode } from './bench-node.js'
import { RawLink } from './raw-link.js'

/** A process in the middle: what it takes in comes out of it again, one for one. */
export interface Middle {
  readonly pid: number
  /** The broker that frames go to and readings come from. */
  readonly url: string
  end(): Promise<void>
}

export interface BridgeMiddleOptions {
  readonly directory: string
  readonly nodes: readonly BenchNode[]
  readonly qos: 0 | 1
  readonly durability: string
  /** Absent: the broker in the bridge. */
  readonly brokerUrl?: string
  readonly protocol?: string
  /** For the engine. */
  readonly nodeArgs?: readonly string[]
}

/** A bridge that decodes frames from a broker and publishes their readings there. */
export async function bridgeMiddle(options: BridgeMiddleOptions): Promise<Middle> {
  const { directory, nodes, qos, durability, brokerUrl, protocol = 'auto', nodeArgs } = options
  const bridge = new BridgeProcess(
    directory,
    {
      version: 1,
      bridge: { id: 'gw-bench' },
      broker: brokerUrl === undefined ? { embedded: { port: 0 } } : { url: brokerUrl, protocol },
      limits: NO_LIMITS,
      resync: NO_BUDGET,
      journal: { durability },
      outputs: { qos },
      models: { node: NODE_MODEL },
      sources: [{ mqtt: { topic: 'alec/{device}/frame', qos } }],
      devices: Object.fromEntries(nodes.map(({ id }) => [id, { model: 'node' }])),
    },
    [],
    nodeArgs,
  )
  await bridge.start()
  const url = brokerUrl ?? String(bridge.log.find(({ msg }) => msg === 'bridge started')?.broker)
  await online(url)
  return {
    pid: bridge.pid ?? 0,
    url,
    async end() {
      await bridge.end('SIGTERM')
    },
  }
}

/** Resolves once the bridge has told the broker all that is retained: what comes before that waits in the journal. */
async function online(url: string): Promise<void> {
  const state = await RawLink.open(url, 'bench-onlooker', { filter: 'alec/bridge/state', qos: 0 })
  const isOnline = await within(10_000, () => state.received > 0)
  state.close()
  if (!isOnline) throw new Error('the bridge has not become ready')
}

/** The plain client that republishes everything as it comes. */
export async function passThroughMiddle(url: string, qos: 0 | 1): Promise<Middle> {
  const file = fileURLToPath(new URL('../pass-through.js', import.meta.url))
  const child = spawn(process.execPath, [file, url, String(qos)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  child.once('exit', endsWithUs(child))
  await once(child.stdout, 'data')
  return { pid: child.pid ?? 0, url, end: () => ended(child) }
}

async function ended(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit')
  child.kill('SIGKILL')
  await exit
}
