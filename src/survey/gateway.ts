import { frameFamily, parseAggregated, splitStandardFrames } from '../alec/index.js'
import type { Sighting } from './sighting.js'

/** What a sensor gateway collects: the frames of each of its channels; undefined where these are no gateway's frames. */
export function partsOfGateway(
  sightings: readonly Sighting[],
): ReadonlyMap<string, readonly Sighting[]> | undefined {
  const collected = sightings.filter(({ bytes }) => frameFamily(bytes[0] ?? 0) === 'aggregated')
  if (2 * collected.length <= sightings.length) return undefined
  const parts = new Map<string, Sighting[]>()
  for (const sighting of collected) {
    const channels = parseAggregated(sighting.bytes)
    if (!channels.ok) continue
    for (const { id, data } of channels.value) {
      const frames = splitStandardFrames(data)
      if (!frames.ok) continue
      const part = parts.get(id) ?? []
      parts.set(id, part)
      part.push(...frames.value.map((bytes) => ({ ...sighting, bytes })))
    }
  }
  return parts.size > 0 ? parts : undefined
}
