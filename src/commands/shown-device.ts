import type { EstimateView } from '../alec/index.js'
import {
  type Cause,
  type DeviceProfile,
  DeviceStream,
  type Moment,
  type SessionMemory,
  type SyncState,
} from '../device/index.js'
import { columns, span } from '../spelling.js'

/** What is kept of a device's encoder, channel by channel. */
export interface ShownDevice {
  readonly sync: SyncState
  readonly cause: Cause | null
  readonly message: string
  readonly epoch: number
  /** Number of the last frame; null where a state was imported and none has come since. */
  readonly seq: number | null
  /** Context version of the last frame, or of the imported state; its low bits. */
  readonly version: number
  /** Unix milliseconds; null where no state waits for its first frame. */
  readonly importedAt: number | null
  readonly lastSeen: number | null
  readonly channels: readonly ShownChannel[]
}

export interface ShownChannel extends Omit<EstimateView, 'prediction' | 'candidates'> {
  readonly name: string
  readonly key: number
  readonly exact: boolean
  readonly poisoned: boolean
  readonly contradictions: readonly string[]
  readonly prediction: EstimateView['prediction'] | null
}

/** Undefined where nothing is known of its encoder. */
export function shownDevice(
  profile: DeviceProfile,
  { stream: kept, lastSeen }: SessionMemory,
  now: Moment,
): ShownDevice | undefined {
  const stream = new DeviceStream(profile)
  const { position } = kept
  if (!position || !stream.restore(kept)) return undefined
  return {
    sync: stream.sync.state,
    cause: stream.sync.cause,
    message: stream.sync.message,
    epoch: kept.epoch,
    seq: position.sequence === null ? null : kept.seq,
    version: position.track.version,
    importedAt: position.sequence === null ? wallAt(position.importedAt, now) : null,
    lastSeen,
    channels: stream.decoder.estimates.map((estimate, i) => {
      const { prediction, candidates: _, ...view } = estimate.describe()
      return {
        name: profile.names[i] ?? '',
        key: profile.decoder.channels[i]?.key ?? 0,
        exact: estimate.exact,
        poisoned: estimate.poisoned,
        contradictions: estimate.contradictions,
        prediction: prediction ?? null,
        ...view,
      }
    }),
  }
}

const wallAt = (mono: number, now: Moment): number => now.wall - (now.mono - mono)

/** The same for people. */
export function shownText(device: string, shown: ShownDevice): string {
  const { sync, cause, message, epoch, seq, version, importedAt, lastSeen, channels } = shown
  const why = cause === null ? '' : `, ${cause}: ${message}`
  const where =
    importedAt === null ? `frame number ${seq}` : `imported ${iso(importedAt)}, no frame since`
  const heard = lastSeen === null ? 'never heard' : `last heard ${iso(lastSeen)}`
  const rows = channels.map((channel) => [
    channel.name,
    String(channel.key),
    stateText(channel),
    ...numbersText(channel),
  ])
  const head = ['channel', 'key', 'state', 'last value', 'average', 'observed']
  return `${device}: ${sync}${why}\nepoch ${epoch}, ${where}, context version ${version}, ${heard}\n${columns([head, ...rows], '', [1])}`
}

function stateText({ exact, poisoned, contradictions }: ShownChannel): string {
  const state = exact ? 'exact' : poisoned ? 'NaN' : 'not exact'
  return contradictions.length > 0 ? `${state}, wrong ${contradictions.join(', ')}` : state
}

function numbersText({ last, average, observations }: ShownChannel): string[] {
  const { atLeast, exactly } = observations
  if (atLeast === 0 && exactly) return ['–', '–', 'never']
  const times = `${atLeast}${exactly && atLeast < 3 ? '' : ' or more'}`
  return [span(last), span(average), times]
}

const iso = (wall: number): string => new Date(wall).toISOString()
