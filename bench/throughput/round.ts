import { pause, within } from '../../test/faults/pace.js'
import { cpuMs } from '../process-cost.js'
import { BenchNode } from './bench-node.js'
import { ClosedLoop } from './closed-loop.js'
import type { Middle } from './middle.js'

export interface RoundOptions {
  readonly nodes: readonly BenchNode[]
  readonly qos: 0 | 1
  readonly warmUpMs: number
  readonly measuredMs: number
  /** What the messages come out as. */
  readonly filter: string
  /** Messages a second; absent: full speed. */
  readonly rate?: number | undefined
}

/** What a round of full speed came to. */
export interface RoundOutcome {
  readonly perSecond: number
  /** Processor time of the process in the middle for each message, in microseconds. */
  readonly cpuUs: number
  /** The same of this process, which sends and counts. */
  readonly ownCpuUs: number
  /** Never came out. */
  readonly lost: number
}

const DRAIN_MS = 20_000

export const benchNodes = (count: number): BenchNode[] =>
  Array.from({ length: count }, (_, n) => new BenchNode(n))

/** Lets a process in the middle work at full speed for a while, and counts what comes out of it. */
export async function round(middle: Middle, options: RoundOptions): Promise<RoundOutcome> {
  const { nodes, qos, warmUpMs, measuredMs, filter, rate } = options
  const loop = await ClosedLoop.open({ url: middle.url, nodes, qos, filter, rate })
  try {
    loop.start()
    await pause(warmUpMs)
    await within(DRAIN_MS, () => loop.received > 0)
    const [count, cpu, own, at] = [
      loop.received,
      cpuMs(middle.pid),
      process.cpuUsage(),
      performance.now(),
    ]
    await pause(measuredMs)
    await within(DRAIN_MS, () => loop.received > count)
    const messages = loop.received - count
    const { user, system } = process.cpuUsage(own)
    const outcome = {
      perSecond: (1000 * messages) / (performance.now() - at),
      cpuUs: (1000 * (cpuMs(middle.pid) - cpu)) / messages,
      ownCpuUs: (user + system) / messages,
    }
    return { ...outcome, lost: await loop.stop(DRAIN_MS) }
  } finally {
    loop.close()
  }
}
