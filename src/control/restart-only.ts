import type { Configuration } from '../config/index.js'

/** What takes effect while the bridge runs; everything else is built once. */
const LIVE: ReadonlySet<string> = new Set<keyof Configuration>([
  'file',
  'outputs',
  'status',
  'resync',
  'log',
  'models',
  'sources',
  'devices',
  'unknownDevices',
  'defaultModel',
])

/** A configuration of which only that differs from the running one that can. */
export interface Reloadable {
  readonly configuration: Configuration
  /** Keys whose change has to wait for a restart, as the file spells them. */
  readonly needsRestart: readonly string[]
}

/** Takes of a new configuration what can be had without a restart, and names the rest. */
export function reloadable(running: Configuration, next: Configuration): Reloadable {
  const needsRestart: string[] = []
  const kept: Record<string, unknown> = {}
  const keys = new Set([...Object.keys(running), ...Object.keys(next)]) as Set<keyof Configuration>
  for (const key of keys) {
    if (LIVE.has(key) || key === 'limits' || key === 'broker') continue
    if (same(running[key], next[key])) continue
    needsRestart.push(spelled(key))
    kept[key] = running[key]
  }
  if (running.limits.queueBytes !== next.limits.queueBytes) needsRestart.push('limits.queue_size')
  const broker = brokerOf(running.broker, next.broker)
  if (!broker) needsRestart.push('broker')
  const limits = { ...next.limits, queueBytes: running.limits.queueBytes }
  const configuration = { ...next, ...kept, limits, broker: broker ?? running.broker }
  return { configuration, needsRestart: needsRestart.sort() }
}

/** The users of the embedded broker can change, and how fast they may publish; undefined where anything else does. */
function brokerOf(
  running: Configuration['broker'],
  next: Configuration['broker'],
): Configuration['broker'] | undefined {
  if (running.kind !== 'embedded' || next.kind !== 'embedded')
    return same(running, next) ? next : undefined
  // Whether there are users at all decides on where it listens.
  if ((running.users === undefined) !== (next.users === undefined)) return undefined
  const { users: _before, publishRate: _rate, ...rest } = running
  const { users: _after, publishRate: _next, ...nextRest } = next
  return same(rest, nextRest) ? next : undefined
}

const same = (one: unknown, other: unknown): boolean => text(one) === text(other)

const text = (value: unknown): string | undefined =>
  JSON.stringify(value, (_key, part: unknown) => (part instanceof Map ? [...part] : part))

const spelled = (key: string): string =>
  key === 'homeAssistant'
    ? 'homeassistant'
    : key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
