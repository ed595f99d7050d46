import { type Clock, systemClock } from '../clock.js'
import type { Configuration } from '../config/index.js'
import type { BrokerAccess, BrokerDoor } from '../transport/index.js'
import { load } from './configuration.js'
import { type CommandIo, Exit } from './io.js'
import { ownTopics } from './own-topics.js'
import { visitorDoor } from './visitor-door.js'
import { type Way, wayIn } from './way-in.js'

export interface HealthcheckOptions {
  readonly config?: string
  /** How long the broker may take. */
  readonly timeout?: number
  /** How old the bridge's last report may be. */
  readonly maxAge?: number
  /** Also fails where the bridge itself says that something is unhealthy. */
  readonly strict?: boolean
  readonly json?: boolean
}

export interface HealthcheckPorts {
  readonly clock: Clock
  readonly door: (access: BrokerAccess, clientId: string, clock: Clock) => BrokerDoor
}

const TIMEOUT_MS = 5000
/** A bridge reports every five seconds. */
const MAX_AGE_MS = 60_000
/** At an embedded broker with users, who may look. */
const LOOKER = 'healthcheck'

const networkPorts: HealthcheckPorts = {
  clock: systemClock,
  door: visitorDoor,
}

/**
 * Whether the bridge of a configuration runs and reports, as its broker knows it: for containers, which ask by exit
 * status. 0 where it does, else 69 and why. What is away (a port, a device) is the bridge's own report.
 */
export async function healthcheck(
  options: HealthcheckOptions,
  io: CommandIo,
  ports: HealthcheckPorts = networkPorts,
): Promise<number> {
  const loaded = load(options.config, io)
  if (!loaded.ok) return loaded.exit
  const configuration = loaded.value
  const way = wayIn(configuration, { suffix: 'check', user: LOOKER })
  if (typeof way === 'string') {
    io.stderr(`${way}\n`)
    return Exit.configuration
  }
  const asked = await ask(configuration, way, options.timeout ?? TIMEOUT_MS, ports)
  const verdict = judge(asked, configuration.bridge.id, ports.clock.wall(), options)
  if (options.json) io.stdout(`${JSON.stringify(verdict)}\n`)
  else if (verdict.ok) io.stdout(`ok: ${verdict.message}\n`)
  else io.stderr(`${verdict.message}\n`)
  return verdict.ok ? Exit.ok : Exit.unavailable
}

type Asked =
  | { readonly kind: 'answered'; readonly state: string; readonly status: string }
  | { readonly kind: 'refused'; readonly reason: string }

/** What the broker has of the bridge. */
function ask(
  configuration: Configuration,
  { access, clientId }: Way,
  timeoutMs: number,
  { clock, door }: HealthcheckPorts,
): Promise<Asked> {
  const topics = ownTopics(configuration)
  return new Promise((resolve) => {
    const heard = new Map<string, string>()
    const end = (asked: Asked) => {
      cancel()
      connection.close()
      resolve(asked)
    }
    const refuse = (reason: string) => end({ kind: 'refused', reason })
    const look = () => {
      const state = heard.get(topics.state)
      const status = heard.get(topics.status)
      if (state !== undefined && status !== undefined) end({ kind: 'answered', state, status })
    }
    const cancel = clock.setTimer(timeoutMs, () => {
      const missing = [topics.state, topics.status].filter((topic) => !heard.has(topic))
      refuse(`the broker does not answer, or has no ${missing.join(' and ')}`)
    })
    const connection = door(access, clientId, clock).open({
      onConnected: () => {
        for (const topic of [topics.state, topics.status])
          connection.subscribe(topic, 0, (outcome) => outcome.ok || refuse(outcome.reason))
      },
      onMessage: ({ topic, payload }) => {
        heard.set(topic, new TextDecoder().decode(payload))
        look()
      },
      onClosed: ({ reason }) => refuse(reason),
    })
  })
}

interface Verdict {
  readonly ok: boolean
  readonly message: string
  readonly bridge?: string
  readonly health?: string
  readonly ageMs?: number
}

function judge(
  asked: Asked,
  bridgeId: string,
  wall: number,
  { maxAge = MAX_AGE_MS, strict = false }: HealthcheckOptions,
): Verdict {
  if (asked.kind === 'refused') return { ok: false, message: asked.reason }
  const status = statusOf(asked.status)
  if (!status) return { ok: false, message: 'what is retained as its status is none' }
  const { bridge, health, ts } = status
  const ageMs = wall - Date.parse(ts)
  const verdict = { bridge, health, ageMs }
  const fail = (message: string) => ({ ok: false, message, ...verdict })
  const age = `${Math.round(ageMs / 1000)} s ago`
  if (bridge !== bridgeId) return fail(`another bridge, ${bridge}, reports there`)
  if (asked.state !== 'online') return fail(`${bridge} is ${asked.state}`)
  if (!(Math.abs(ageMs) <= maxAge)) return fail(`${bridge} reported last ${age}`)
  const message = `${bridge} is online, ${health}, reported ${age}`
  return strict && health === 'unhealthy' ? fail(message) : { ok: true, message, ...verdict }
}

function statusOf(
  text: string,
): { readonly bridge: string; readonly health: string; readonly ts: string } | undefined {
  try {
    const document: unknown = JSON.parse(text)
    if (typeof document !== 'object' || document === null) return undefined
    const { bridge, health, ts } = document as Record<string, unknown>
    const isStatus =
      typeof bridge === 'string' && typeof health === 'string' && typeof ts === 'string'
    return isStatus ? { bridge, health, ts } : undefined
  } catch {
    return undefined
  }
}
