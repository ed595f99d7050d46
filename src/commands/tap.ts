import { randomBytes } from 'node:crypto'
import { type Clock, systemClock } from '../clock.js'
import type { Configuration } from '../config/index.js'
import { deviceTopics, isoTime } from '../outputs/index.js'
import { hexOf } from '../spelling.js'
import { type TopicMatcher, topicMatcher } from '../topic-filter.js'
import type { BrokerAccess, BrokerDoor, IncomingMessage } from '../transport/index.js'
import { BrokerProbe } from './broker-probe.js'
import { load, modelOf } from './configuration.js'
import { stopped } from './ending.js'
import { frameEars } from './frame-ears.js'
import { type CommandIo, Exit } from './io.js'
import { type Heard, tapLine } from './tap-words.js'
import { visitorDoor } from './visitor-door.js'
import { wayIn } from './way-in.js'

export interface TapOptions {
  readonly config?: string
  /** How long the broker may take for each answer. */
  readonly timeout?: number
  readonly json?: boolean
}

export interface TapPorts {
  readonly clock: Clock
  readonly door: (access: BrokerAccess, clientId: string, clock: Clock) => BrokerDoor
}

const TIMEOUT_MS = 5000
/** At an embedded broker with users, who may listen. */
const LISTENER = 'tap'

const networkPorts: TapPorts = {
  clock: systemClock,
  door: visitorDoor,
}

/**
 * Shows what the broker passes on: frames as they come in, and the readings and events that a bridge makes of them. Goes on
 * until it is stopped. Resolves to the exit code: 69 where the broker does not let us, or goes away.
 */
export async function tap(
  device: string | undefined,
  options: TapOptions,
  io: CommandIo,
  { clock, door }: TapPorts = networkPorts,
): Promise<number> {
  const loaded = load(options.config, io)
  if (!loaded.ok) return loaded.exit
  const configuration = loaded.value
  if (device !== undefined) {
    const model = modelOf(configuration, device, io)
    if (!model.ok) return model.exit
  }
  // Two of them beside each other do not put each other out.
  const suffix = `tap-${randomBytes(4).toString('hex')}`
  const way = wayIn(configuration, { suffix, user: LISTENER })
  if (typeof way === 'string') {
    io.stderr(`${way}\n`)
    return Exit.configuration
  }
  const timeoutMs = options.timeout ?? TIMEOUT_MS
  const probe = new BrokerProbe(door(way.access, way.clientId, clock), clock, timeoutMs)
  try {
    const refusal = await probe.connected()
    if (refusal) return unavailable(refusal.reason, io)
    const ears = [...outputEars(configuration, device), ...tappedFrames(configuration)]
    probe.listen((message) => {
      if (message.retain) return
      const heard = heardBy(ears, message)
      if (!heard || (device !== undefined && heard.device !== device)) return
      const ts = isoTime(clock.wall())
      io.stdout(options.json ? `${JSON.stringify({ ts, ...heard })}\n` : tapLine(ts, heard))
    })
    for (const filter of new Set(ears.map((ear) => ear.filter))) {
      const answer = await probe.subscribe(filter)
      if (!answer.ok) return unavailable(`${filter} cannot be read: ${answer.reason}`, io)
    }
    io.stderr(`listening at ${ears.map(({ filter }) => filter).join(', ')}\n`)
    const end = await Promise.race([probe.ended(), stopped(io.signal)])
    return end ? unavailable(end.reason, io) : Exit.ok
  } finally {
    await probe.close()
  }
}

function unavailable(reason: string, io: CommandIo): number {
  io.stderr(`${reason}\n`)
  return Exit.unavailable
}

/** What one filter brings. */
interface Ear {
  readonly filter: string
  readonly matches: TopicMatcher
  hear(message: IncomingMessage): Heard | undefined
}

const heardBy = (ears: readonly Ear[], message: IncomingMessage): Heard | undefined =>
  ears.find(({ matches }) => matches(message.topic))?.hear(message)

function outputEars({ baseTopic }: Configuration, device: string | undefined): Ear[] {
  const level = baseTopic.split('/').length
  const ear = (kind: 'readings' | 'event'): Ear => {
    const filter =
      device === undefined ? `${baseTopic}/+/${kind}` : deviceTopics(baseTopic, device, [])[kind]
    return {
      filter,
      matches: topicMatcher(filter),
      hear: ({ topic, payload }) => {
        const document = documentIn(payload)
        return document && { kind, device: topic.split('/')[level] ?? '', document }
      },
    }
  }
  return [ear('readings'), ear('event')]
}

const tappedFrames = (configuration: Configuration): Ear[] =>
  frameEars(configuration).map(({ filter, matches, hear }) => ({
    filter,
    matches,
    hear: (message) => {
      const { device, frame } = hear(message)
      return frame.ok
        ? { kind: 'frame', device, hex: hexOf(frame.bytes) }
        : { kind: 'unreadable', device, reason: frame.reason }
    },
  }))

function documentIn(payload: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    const document: unknown = JSON.parse(new TextDecoder().decode(payload))
    const isMap = typeof document === 'object' && document !== null && !Array.isArray(document)
    return isMap ? { ...document } : undefined
  } catch {
    return undefined
  }
}
