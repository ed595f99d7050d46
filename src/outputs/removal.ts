import type { DeviceTopics } from './device-topics.js'
import { cleared, type Publication } from './publication.js'

/**
 * Clears every retained topic of a device that is gone or has another name. The readings' topics only where
 * they were retained: elsewhere an empty message would be a reading to whoever listens.
 */
export function removalPublications(
  topics: DeviceTopics,
  options: { readonly retain: boolean },
): Publication[] {
  const states = [topics.availability, topics.status, topics.health, topics.circuit]
  const readings = options.retain ? [topics.readings, ...topics.channels.values()] : []
  return [...states, ...readings].map(cleared)
}
