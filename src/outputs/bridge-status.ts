import { withoutCredentials } from '../names.js'
import type { DegradationLevel, Feature, HealthReport } from '../resilience/index.js'
import type { BridgeTopics } from './bridge-topics.js'
import { isoTime } from './iso-time.js'
import { type Publication, retained } from './publication.js'

/** Whether the bridge is there; `offline` is also its last will. */
export const bridgeState = (topics: BridgeTopics, state: 'online' | 'offline'): Publication =>
  retained(topics.state, state)

export interface BridgeStatus {
  readonly bridge: string
  /** Unix milliseconds. */
  readonly wall: number
  /** The same moment, monotonic milliseconds: dates the checks. */
  readonly mono: number
  readonly report: HealthReport
  readonly degradation: DegradationLevel
  /** Frames of ids that nobody configured, and the latest of these ids; absent where they are ignored. */
  readonly unknown?: { readonly frames: number; readonly latest: readonly string[] }
  /** What was left undone under pressure, counted since start. */
  readonly shed: ReadonlyMap<Feature, number>
  /** Publications that a limit or the broker kept from arriving, by reason. */
  readonly dropped?: Readonly<Record<string, number>>
}

/** How the system is: the worst of its checks, every check, and what is left undone. */
export function bridgeStatus(topics: BridgeTopics, status: BridgeStatus): Publication {
  const { wall, mono, report } = status
  const checks = report.checks.map(({ component, status, message, checkedAt, latencyMs }) => [
    component,
    {
      status,
      message: withoutCredentials(message),
      ...(latencyMs !== undefined && { latency_ms: latencyMs }),
      checked: isoTime(wall - (mono - checkedAt)),
    },
  ])
  const document = {
    ts: isoTime(wall),
    bridge: status.bridge,
    health: report.status,
    degradation: status.degradation,
    checks: Object.fromEntries(checks),
    ...(status.unknown && { unknown: status.unknown }),
    shed: Object.fromEntries(status.shed),
    ...(status.dropped && { dropped: status.dropped }),
  }
  return retained(topics.status, JSON.stringify(document))
}

/** What may be known of a model; a channel's name, quantity and unit. */
export interface ModelInfo {
  readonly frames: 'compact' | 'standard'
  readonly profile: 'alec-1.3' | 'closed-loop'
  readonly intervalMs?: number
  readonly channels: readonly ChannelInfo[]
}

export interface ChannelInfo {
  readonly name: string
  readonly quantity?: string
  readonly unit?: string
}

export interface BridgeInfo {
  readonly id: string
  readonly version: string
  readonly baseTopic: string
  readonly nodeVersion: string
  readonly models: ReadonlyMap<string, ModelInfo>
  /** The doors' ids. */
  readonly sources: readonly string[]
}

/** What the bridge is; never a secret: everything is picked one by one. */
export function bridgeInfo(topics: BridgeTopics, info: BridgeInfo): Publication {
  const models = Array.from(info.models, ([name, { frames, profile, intervalMs, channels }]) => ({
    name,
    frames,
    profile,
    ...(intervalMs !== undefined && { interval: intervalMs / 1000 }),
    channels: channels.map(channelDocument),
  }))
  const document = {
    id: info.id,
    version: info.version,
    base_topic: info.baseTopic,
    node: info.nodeVersion,
    models,
    sources: info.sources.map(withoutCredentials),
  }
  return retained(topics.info, JSON.stringify(document))
}

export const channelDocument = ({ name, quantity, unit }: ChannelInfo) => ({
  name,
  ...(quantity !== undefined && { quantity }),
  ...(unit !== undefined && { unit }),
})
