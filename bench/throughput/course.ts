import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Mosquitto } from '../../test/support/mosquitto.js'
import { bridgeMiddle, type Middle, passThroughMiddle } from './middle.js'
import { benchNodes, type RoundOptions, type RoundOutcome, round } from './round.js'

/**
 * What stands between the sender and the receiver: nothing but the broker, a plain client that republishes, a bridge, or a
 * bridge that is the broker as well.
 */
export type Way = 'broker-alone' | 'pass-through' | 'bridge' | 'embedded'
export const WAYS: readonly Way[] = ['broker-alone', 'pass-through', 'bridge', 'embedded']

export interface CourseOptions extends Omit<RoundOptions, 'nodes' | 'filter'> {
  readonly devices: number
  readonly durability: string
  readonly protocol: string
  /** For the engine that runs the bridge. */
  readonly nodeArgs: readonly string[]
}

/**
 * A broker that drops nothing: with its own limits Mosquitto drops at full speed what any client is too slow for, and what
 * does not arrive would count as speed.
 */
const KEEPS_ALL = ['allow_anonymous true', 'max_queued_messages 0', 'max_inflight_messages 0']

/** One round at full speed, with everything new. */
export async function throughput(way: Way, options: CourseOptions): Promise<RoundOutcome> {
  const directory = mkdtempSync(join(tmpdir(), 'alec-throughput-'))
  const broker = way === 'embedded' ? undefined : await Mosquitto.start({ config: KEEPS_ALL })
  const nodes = benchNodes(options.devices)
  try {
    const middle = await middleOf(way, { ...options, directory, nodes }, broker?.url)
    try {
      const filter = way === 'broker-alone' ? 'alec/+/frame' : 'alec/+/readings'
      return await round(middle, { ...options, nodes, filter })
    } finally {
      await middle.end()
    }
  } finally {
    await broker?.stop()
    rmSync(directory, { recursive: true, force: true })
  }
}

type MiddleOptions = Omit<Parameters<typeof bridgeMiddle>[0], 'brokerUrl'>

async function middleOf(way: Way, options: MiddleOptions, url = ''): Promise<Middle> {
  switch (way) {
    case 'broker-alone':
      return { pid: process.pid, url, end: () => Promise.resolve() }
    case 'pass-through':
      return passThroughMiddle(url, options.qos)
    case 'bridge':
      return bridgeMiddle({ ...options, brokerUrl: url })
    case 'embedded':
      return bridgeMiddle(options)
  }
}
