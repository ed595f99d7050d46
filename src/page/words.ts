import type { DeviceEvent } from '../device/index.js'
import type { LastValue } from '../http/feed/messages.js'
import { short } from '../spelling.js'

/** A time that has passed, as people say it. */
export function ageText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 2) return 'now'
  if (seconds < 90) return `${seconds} s`
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min`
  if (seconds < 36 * 3600) return `${Math.round(seconds / 3600)} h`
  return `${Math.round(seconds / 86_400)} d`
}

/** A share, 0 … 1; what is not nothing does not look like nothing. */
export function percentText(share: number): string {
  if (share === 0) return '0 %'
  const percent = share * 100
  if (percent < 0.1) return '< 0.1 %'
  return `${percent < 10 ? percent.toFixed(1) : Math.round(percent)} %`
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB']

export function bytesText(bytes: number): string {
  const step = bytes < 1024 ? 0 : Math.min(4, Math.floor(Math.log2(bytes) / 10))
  const value = bytes / 1024 ** step
  return `${step === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[step]}`
}

/** A rate per second. */
export const rateText = (perSecond: number): string =>
  perSecond >= 100 ? String(Math.round(perSecond)) : perSecond.toFixed(1)

/** Digits in groups of three. */
export const countText = (count: number): string =>
  count.toLocaleString('en').replaceAll(',', '\u202f')

/** A value with its bound, where that says something; `unit` after it. */
export function valueText([, value, bound, quality]: LastValue, unit = ''): string {
  const after = unit === '' ? '' : ` ${unit}`
  if (quality === 'bad' || value === null) return `no number${after}`
  if (quality === 'good') return `${short(value)}${after}`
  return bound === null
    ? `${short(value)} ± ?${after}`
    : `${short(value)} ± ${boundText(bound)}${after}`
}

/** A bound, rounded up: less than this would not be proven. */
export function boundText(bound: number): string {
  if (bound === 0) return '0'
  const step = 10 ** (Math.floor(Math.log10(bound)) - 1)
  return String(Number((Math.ceil(bound / step - 1e-9) * step).toPrecision(2)))
}

const pad = (n: number, digits = 2): string => String(n).padStart(digits, '0')

/** The time of day, by the browser's zone. */
export function clockText(wall: number): string {
  const date = new Date(wall)
  return `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`
}

/** With the date before it. */
export function dateText(wall: number): string {
  const date = new Date(wall)
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())} ${clockText(wall)}`
}

/** What an event is called. */
export const eventTitle = ({ type }: DeviceEvent): string => type.replaceAll('_', ' ')

/** What an event says beside its name. */
export function eventWords(event: DeviceEvent): string {
  switch (event.type) {
    case 'gap':
      return `${event.count} frame${event.count === 1 ? '' : 's'} lost: ${event.fromSeq} to ${event.toSeq}`
    case 'readings_dropped':
      return `${event.count} readings dropped: ${event.reason}`
    case 'resync_requested':
      return event.reason
    case 'resynchronised':
      return `after ${event.frames} frame${event.frames === 1 ? '' : 's'}`
    case 'not_finite':
      return `channel ${event.channel} sent ${event.value}`
    case 'decode_error':
      return `${event.code}: ${event.description}`
    case 'circuit_opened':
    case 'circuit_half_opened':
    case 'circuit_closed':
      return event.reason
    case 'health_changed':
      return `${event.from} → ${event.to}`
    case 'silent':
    case 'returned':
      return `after ${ageText(event.silentMs)}`
    case 'flooding':
      return `${event.dropped} frames dropped`
    case 'left_peers':
    case 'rejoined_peers':
      return `${event.channel}: ${short(event.mean)}, the others of its model ${short(event.peersMean)}`
    default:
      return event.message
  }
}
