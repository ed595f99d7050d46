import {
  type FrameFaultCounters,
  type LineFaultCounters,
  type NodeFaultCounters,
  noFrameFaults,
  noLineFaults,
} from './faults/index.js'
import type { FleetMember } from './fleet-member.js'
import type { Link, LinkCounters } from './links/index.js'
import type { NodeCounters } from './node.js'

/** Sums over the whole fleet since it was made. */
export interface FleetStatistics {
  readonly devices: number
  readonly nodes: NodeCounters
  readonly faults: {
    readonly node: NodeFaultCounters
    readonly frame: FrameFaultCounters
    readonly line: LineFaultCounters
  }
  /** By the link's id. */
  readonly links: Readonly<Record<string, LinkCounters>>
}

const noNodeFaults: NodeFaultCounters = { reboots: 0, notFinite: 0, downlinksLost: 0 }
const noFrames: NodeCounters = { frames: 0, bytes: 0, boots: 0, downlinks: 0, downlinksRefused: 0 }

/** Adds everything up. */
export function gatherStatistics(
  members: readonly FleetMember[],
  links: readonly Link[],
): FleetStatistics {
  const counters = members.map(({ device }) => device.counters)
  return {
    devices: members.length,
    nodes: sumOf(
      noFrames,
      counters.map(({ node }) => node),
    ),
    faults: {
      node: sumOf(
        noNodeFaults,
        counters.map(({ nodeFaults }) => nodeFaults),
      ),
      frame: sumOf(
        noFrameFaults,
        counters.map(({ frameFaults }) => frameFaults),
      ),
      line: sumOf(
        noLineFaults,
        members.flatMap(({ lineFaults }) => (lineFaults ? [lineFaults.counters] : [])),
      ),
    },
    links: Object.fromEntries(links.map((link) => [link.id, link.counters])),
  }
}

/** Adds counters of one kind, key by key. */
function sumOf<T extends { readonly [K in keyof T]: number }>(none: T, all: readonly T[]): T {
  const keys = Object.keys(none) as (keyof T)[]
  return Object.fromEntries(
    keys.map((key) => [key, all.reduce((sum, counters) => sum + counters[key], 0)]),
  ) as T
}
