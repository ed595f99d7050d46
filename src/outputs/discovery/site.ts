import { topic } from '../../names.js'

/** Which bridge it is that devices are announced by, and where. */
export interface DiscoverySite {
  /** Where Home Assistant looks: `homeassistant` as a rule. */
  readonly prefix: string
  readonly baseTopic: string
  /** The bridge's id. */
  readonly bridge: string
  /** It is one of several that share their devices: its own topics bear its id, and a device is announced by whoever has it. */
  readonly shares?: boolean
  readonly version: string
  readonly uncertain: 'mark' | 'withhold'
}

/** What we say we are; Home Assistant asks who has written a payload. */
export const ORIGIN = 'alec-bridge'
/** No device has this id. */
const BRIDGE = 'bridge'

/** By which Home Assistant knows a device, and the bridge that it is connected by. */
export const deviceIdentifier = ({ baseTopic }: DiscoverySite, device: string): string =>
  `${baseTopic}/${device}`
export const bridgeIdentifier = ({ bridge }: DiscoverySite): string => `${ORIGIN}/${bridge}`

/** The topic of a device's payload: `homeassistant/device/alec_<device>/config`. */
export const deviceConfigTopic = (site: DiscoverySite, device: string): string =>
  topic(site.prefix, 'device', `${stem(site)}${device}`, 'config')

/** Among several bridges with the id in it; no device's begins with `_`. */
export const bridgeConfigTopic = (site: DiscoverySite): string =>
  deviceConfigTopic(site, site.shares ? `_${BRIDGE}_${site.bridge}` : BRIDGE)

/** By which the bridge's own topics are found. */
export const among = ({ bridge, shares }: DiscoverySite): string | undefined =>
  shares ? bridge : undefined

/** Every topic that payloads of devices can be on. */
export const configFilter = (prefix: string): string => `${prefix}/device/+/config`

/**
 * The device that a topic of ours is about, `bridge` for the bridge; undefined where it is none of ours. Two base topics
 * can come to the same stem: who owns a payload is read in it, not in its topic.
 */
export function deviceOfTopic(site: DiscoverySite, configTopic: string): string | undefined {
  if (configTopic === bridgeConfigTopic(site)) return BRIDGE
  const start = `${site.prefix}/device/${stem(site)}`
  const isOurs = configTopic.startsWith(start) && configTopic.endsWith(END)
  const id = isOurs ? configTopic.slice(start.length, -END.length) : undefined
  // That of a bridge which shares nothing, where this one does.
  return id === BRIDGE ? undefined : id
}

const END = '/config'

/** Home Assistant takes letters, digits, `_` and `-` here. */
function stem({ baseTopic }: DiscoverySite): string {
  const slug = baseTopic.replace(/[^A-Za-z0-9_-]/g, '_').replace(/^[_-]+/, '')
  return `${slug.slice(0, 48) || 'alec'}_`
}
