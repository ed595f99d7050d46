import { isDeviceId } from '../../names.js'
import { bridgeTopics } from '../bridge-topics.js'
import { among, bridgeIdentifier, type DiscoverySite, deviceIdentifier, ORIGIN } from './site.js'

/**
 * Whose a payload is that the broker has kept. `ours`: of this bridge. `place`: of a bridge that had our base topic, as one
 * that was replaced by this. `other`: of somebody else, and not to be touched.
 */
export type ConfigOwner = 'ours' | 'place' | 'other'

export interface KeptConfig {
  readonly owner: ConfigOwner
  /** The device that it announces, by its id here; absent where it is the bridge itself, or not ours. */
  readonly device?: string
  /** The entities by key, with their platform. */
  readonly components: ReadonlyMap<string, string>
}

const OTHER: KeptConfig = { owner: 'other', components: new Map() }

/** Reads a payload on a discovery topic; what cannot be read is somebody else's. */
export function readKeptConfig(text: string, site: DiscoverySite): KeptConfig {
  const document = parsed(text)
  if (!isMap(document) || !isMap(document.origin) || document.origin.name !== ORIGIN) return OTHER
  const { device, components } = document
  if (!isMap(device) || !Array.isArray(device.identifiers)) return OTHER
  const [identifier] = device.identifiers
  const us = bridgeIdentifier(site)
  const isUs = identifier === us || device.via_device === us
  const id = idIn(identifier, site)
  if (!isUs && id === undefined && !isBridgeAt(site, components)) return OTHER
  return {
    owner: isUs ? 'ours' : 'place',
    ...(id !== undefined && { device: id }),
    components: platforms(components),
  }
}

/** The device below our base topic that Home Assistant knows by this. */
function idIn(identifier: unknown, site: DiscoverySite): string | undefined {
  const root = deviceIdentifier(site, '')
  if (typeof identifier !== 'string' || !identifier.startsWith(root)) return undefined
  const id = identifier.slice(root.length)
  return isDeviceId(id) ? id : undefined
}

/** A bridge says of itself where its state is. */
function isBridgeAt(site: DiscoverySite, components: unknown): boolean {
  const state = isMap(components) ? components.state : undefined
  return isMap(state) && state.state_topic === bridgeTopics(site.baseTopic, among(site)).state
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function platforms(components: unknown): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  if (!isMap(components)) return found
  for (const [key, component] of Object.entries(components)) {
    if (isMap(component) && typeof component.platform === 'string')
      found.set(key, component.platform)
  }
  return found
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
