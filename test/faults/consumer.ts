import type { Observer } from '../transport/observer.js'
import { HELD_UP, liesOf, type MeasuredNode, type SeenReading } from './measured-node.js'

/** What a consumer that keeps everything has against the bridge. */
export interface Complaints {
  /** `device seq` of frames of which no reading came. */
  readonly lost: readonly string[]
  readonly wrong: readonly string[]
  /** One key with two contents. */
  readonly twoFaced: readonly string[]
  /** A key that is smaller than the one before it, though nothing happened in between. */
  readonly disordered: readonly string[]
  /** Readings that came again, by stretch between two incidents. */
  readonly repeated: readonly number[]
  readonly readings: number
  readonly uncertain: number
}

/**
 * Judges all readings that an observer has seen. `incidents` are the lengths of `observer.seen` at which a repetition may
 * begin: a kill, a lost connection.
 */
export function complaintsOf(
  observer: Observer,
  nodes: readonly MeasuredNode[],
  incidents: readonly number[],
): Complaints {
  const byTopic = new Map(nodes.map((node) => [`alec/${node.id}/readings`, node]))
  const bodies = new Map<string, string>()
  const lost: string[] = []
  const wrong: string[] = []
  const twoFaced: string[] = []
  const disordered: string[] = []
  const repeated: number[] = []
  const counts = { readings: 0, uncertain: 0 }
  const edges = [0, ...incidents, observer.seen.length]
  for (let i = 0; i + 1 < edges.length; i++) {
    const newest = new Map<string, number>()
    let again = 0
    for (const { topic, payload } of observer.seen.slice(edges[i], edges[i + 1])) {
      const node = byTopic.get(topic)
      if (!node) continue
      const reading = JSON.parse(payload) as SeenReading
      counts.readings++
      if (reading.quality !== 'good' && reading.seq >= HELD_UP) counts.uncertain++
      wrong.push(...liesOf(node, reading))
      const key = `${node.id} ${reading.epoch}/${reading.seq}`
      const before = bodies.get(key)
      if (before !== undefined) again++
      if (before !== undefined && before !== payload) twoFaced.push(key)
      bodies.set(key, payload)
      const rank = reading.epoch * 2 ** 32 + reading.seq
      if (rank <= (newest.get(node.id) ?? -1)) disordered.push(`${key} (stretch ${i})`)
      newest.set(node.id, rank)
    }
    repeated.push(again)
  }
  const published = new Set([...bodies.keys()].map((key) => key.replace(/ \d+\//, ' ')))
  for (const { id, measured } of nodes) {
    measured.forEach((_, seq) => {
      if (seq >= HELD_UP && !published.has(`${id} ${seq}`)) lost.push(`${id} ${seq}`)
    })
  }
  return { lost, wrong, twoFaced, disordered, repeated, ...counts }
}
