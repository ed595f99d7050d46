import { withoutCredentials } from '../../names.js'
import type { SessionView, SourceView, Views } from '../views.js'
import { finite } from './history.js'
import type {
  BridgeMessage,
  DeviceMessage,
  DeviceRow,
  LastReading,
  SourceMessage,
  SystemMessage,
} from './messages.js'
import type { Trail } from './trail.js'
import type { Report } from './watch.js'

type Known = Views['configuration']

/** Everything is picked one by one, so that nothing is shown by accident. */
export function deviceRow(session: SessionView, trail: Trail | undefined, known: Known): DeviceRow {
  const { id, source } = session
  const status = session.status()
  const { frames } = status
  const last = lastReading(trail)
  return {
    ...nameOf(id, known),
    id,
    model: modelOf(id, known),
    health: status.health,
    circuit: status.circuit,
    sync: status.sync,
    online: status.online,
    lastSeen: status.lastSeen,
    ttlMs: status.ttlMs,
    cause: status.cause,
    message: status.message,
    source: withoutCredentials(source),
    received: frames.received,
    lost: frames.lost,
    rejected: frames.rejected,
    ...(status.integrity === 'none' && { unvouched: true }),
    ...(last && { last }),
  }
}

function lastReading(trail: Trail | undefined): LastReading | undefined {
  if (!trail?.last) return undefined
  const { at, epoch, seq, quality, channels } = trail.last
  return {
    at,
    epoch,
    seq,
    quality,
    values: channels.map(({ name, value, bound, quality }) => [
      name,
      finite(value),
      finite(bound),
      quality,
    ]),
  }
}

export function deviceMessage(session: SessionView, known: Known): DeviceMessage {
  const { id, profile } = session
  return {
    ...nameOf(id, known),
    id,
    model: modelOf(id, known),
    spec: profile.spec,
    tolerances: [...profile.tolerances],
  }
}

export function bridgeMessage({ configuration, version }: Views, guarded: boolean): BridgeMessage {
  const models = Array.from(configuration.models, ([name, { channels }]) => [
    name,
    channels.map(({ name, unit, quantity, resolution }) => ({
      name,
      ...(unit !== undefined && { unit }),
      ...(quantity !== undefined && { quantity }),
      ...(resolution !== undefined && { resolution }),
    })),
  ])
  return { id: configuration.bridge.id, version, guarded, models: Object.fromEntries(models) }
}

const LATEST_UNKNOWN = 20

export function systemMessage(
  { fleet, sources, publisher }: Views,
  { health, degradation }: Report,
  wall: number,
): SystemMessage {
  const { queuedMessages, queuedBytes, acknowledged, dropped } = publisher.counters()
  return {
    at: wall,
    health: health.status,
    degradation,
    checks: health.checks.map(({ component, status, message, latencyMs }) => ({
      component: withoutCredentials(component),
      status,
      message: withoutCredentials(message),
      ...(latencyMs !== undefined && { latencyMs }),
    })),
    sources: sources.map(sourceMessage),
    broker: { queuedMessages, queuedBytes, acknowledged, dropped: total(dropped) },
    unknown: { frames: fleet.unknown.total, latest: fleet.unknown.latest(LATEST_UNKNOWN) },
  }
}

function sourceMessage(source: SourceView): SourceMessage {
  const { id, state, noise } = source
  const { framesIn, bytesIn, discardedBytes, rejected } = source.counters()
  const trouble = state.kind === 'away' ? state.reason : noise
  return {
    id: withoutCredentials(id),
    state: state.kind,
    ...(trouble !== undefined && { trouble: withoutCredentials(trouble) }),
    framesIn,
    bytesIn,
    discardedBytes: total(discardedBytes),
    rejected: total(rejected),
  }
}

const total = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0)

function nameOf(id: string, { devices }: Known): { readonly name?: string } {
  const name = devices.get(id)?.name
  return name === undefined ? {} : { name }
}

const modelOf = (id: string, { devices, defaultModel }: Known): string =>
  devices.get(id)?.model ?? defaultModel ?? ''
