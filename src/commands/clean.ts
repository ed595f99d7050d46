import { type Clock, systemClock } from '../clock.js'
import type { Configuration } from '../config/index.js'
import { Settings } from '../control/index.js'
import { bridgeTopics, cleared, type DiscoverySite } from '../outputs/index.js'
import type { BrokerAccess, BrokerDoor } from '../transport/index.js'
import { BrokerProbe } from './broker-probe.js'
import { type Leftovers, leftoverFilters, leftoversOf } from './clean-leftovers.js'
import { load } from './configuration.js'
import { confirmed } from './confirmed.js'
import { type CommandIo, Exit } from './io.js'
import { openRoster } from './kept-roster.js'
import { readOnlyFiles, stateDirectoryOf, wordsOn } from './kept-state.js'
import { retainedOn } from './retained.js'
import { version } from './version.js'
import { visitorDoor } from './visitor-door.js'
import { wayIn } from './way-in.js'

export interface CleanOptions {
  readonly config?: string
  readonly stateDir?: string
  /** Only shows what it would remove. */
  readonly dryRun?: boolean
  /** Removes without asking. */
  readonly yes?: boolean
  /** How long the broker may take for each answer. */
  readonly timeout?: number
  readonly json?: boolean
}

export interface CleanPorts {
  readonly clock: Clock
  readonly door: (access: BrokerAccess, clientId: string, clock: Clock) => BrokerDoor
}

const TIMEOUT_MS = 5000
/** At an embedded broker with users, who may do it. */
const CLEANER = 'clean'
const HOME_ASSISTANT = 'homeassistant'

const networkPorts: CleanPorts = {
  clock: systemClock,
  door: visitorDoor,
}

/**
 * Removes what the broker keeps of devices that are not configured any more: below the base topic and for Home Assistant,
 * and only what a bridge of this id has written. Resolves to the exit code: 64 where nobody can be asked, 69 where the
 * broker does not let us.
 */
export async function clean(
  options: CleanOptions,
  io: CommandIo,
  ports: CleanPorts = networkPorts,
): Promise<number> {
  const asks = io.columns !== undefined && !options.json
  if (!options.dryRun && !options.yes && !asks) {
    io.stderr('nobody can be asked here: --dry-run shows what would be removed, --yes removes it\n')
    return Exit.usage
  }
  const loaded = load(options.config, io)
  if (!loaded.ok) return loaded.exit
  const configuration = loaded.value
  if (configuration.cluster) {
    // RabbitMQ shows a filter nothing of what it keeps, and whose a device is only the group knows.
    io.stderr(
      'clean does not work with cluster: a bridge that shares its devices cannot tell whose they are\n',
    )
    return Exit.unavailable
  }
  const way = wayIn(configuration, { suffix: 'clean', user: CLEANER })
  if (typeof way === 'string') {
    io.stderr(`${way}\n`)
    return Exit.configuration
  }
  const { clock, door } = ports
  const timeoutMs = options.timeout ?? TIMEOUT_MS
  const probe = new BrokerProbe(door(way.access, way.clientId, clock), clock, timeoutMs)
  try {
    const refusal = await probe.connected()
    if (refusal) return unavailable(refusal.reason, io)
    const found = await look(probe, configuration, options, io, clock)
    if (typeof found === 'string') return unavailable(found, io)
    return await tidy(probe, found, options, io, clock)
  } finally {
    await probe.close()
  }
}

function unavailable(reason: string, io: CommandIo): number {
  io.stderr(`${reason}\n`)
  return Exit.unavailable
}

interface Found extends Leftovers {
  /** Where it was looked for. */
  readonly filters: readonly string[]
}

async function look(
  probe: BrokerProbe,
  configuration: Configuration,
  { stateDir }: CleanOptions,
  io: CommandIo,
  clock: Clock,
): Promise<Found | string> {
  const { baseTopic, bridge, homeAssistant, outputs, unknownDevices } = configuration
  const site: DiscoverySite = {
    prefix: homeAssistant?.prefix ?? HOME_ASSISTANT,
    baseTopic,
    bridge: bridge.id,
    version,
    uncertain: outputs.uncertain,
  }
  const { state } = bridgeTopics(baseTopic)
  const filters = leftoverFilters(site)
  const kept = await retainedOn(probe, [state, ...filters], clock)
  if (typeof kept === 'string') return kept
  const isOnline = kept.get(state) === 'online'
  if (unknownDevices === 'accept' && !isOnline)
    return 'this bridge takes devices in by itself, so only while it runs is known which are left over'
  // What requests have added is configured as well.
  const directory = stateDirectoryOf(stateDir, configuration, io)
  const { roster } = await openRoster(directory, wordsOn(io), readOnlyFiles)
  const settings = new Settings(configuration, roster)
  const isConfigured = (device: string) => settings.deviceOf(device) !== undefined
  const household = { site, isConfigured, isOnline, wall: clock.wall() }
  return { ...leftoversOf(kept, household), filters }
}

/** Shows what is left over, and removes it where that is wanted. */
async function tidy(
  probe: BrokerProbe,
  { leftovers, leftAlone, filters }: Found,
  { dryRun, yes, json }: CleanOptions,
  io: CommandIo,
  clock: Clock,
): Promise<number> {
  const topics = leftovers.flatMap((one) => one.topics)
  if (!json) {
    for (const one of leftovers) io.stdout(`${[one.device, ...one.topics].join('\n  ')}\n`)
    for (const { device, reason } of leftAlone) io.stdout(`${device} is left alone: ${reason}\n`)
    io.stdout(`left over: ${leftovers.length} devices, ${topics.length} topics\n`)
  }
  const wanted =
    topics.length > 0 && !dryRun && (yes || (await confirmed('Remove these topics?', io)))
  const trouble = wanted ? await remove(probe, topics, filters, clock) : undefined
  const removed = wanted && trouble === undefined
  if (json) {
    const said = { ok: trouble === undefined, removed, leftovers, left_alone: leftAlone }
    io.stdout(`${JSON.stringify(said)}\n`)
  } else if (removed) io.stdout('removed\n')
  else if (trouble === undefined && topics.length > 0) io.stdout('nothing was removed\n')
  return trouble === undefined ? Exit.ok : unavailable(trouble, io)
}

/** Why not all of it could be removed: by a second look, as a broker of MQTT 3.1.1 does not say that it refuses. */
async function remove(
  probe: BrokerProbe,
  topics: readonly string[],
  filters: readonly string[],
  clock: Clock,
): Promise<string | undefined> {
  for (const topic of topics) {
    const answer = await probe.publish(cleared(topic))
    if (!answer.ok) return `${topic} cannot be removed: ${answer.reason}`
  }
  const kept = await retainedOn(probe, filters, clock)
  if (typeof kept === 'string') return kept
  const still = topics.filter((topic) => kept.has(topic))
  const [first] = still
  if (first === undefined) return undefined
  return `the broker keeps ${still.length} of them all the same, as ${first}: may this user write there?`
}
