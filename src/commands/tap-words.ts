import { short } from '../spelling.js'
import { printable } from './terminal-text.js'

/** What a tap has heard. */
export type Heard =
  | { readonly kind: 'frame'; readonly device: string; readonly hex: string }
  | { readonly kind: 'unreadable'; readonly device: string; readonly reason: string }
  | {
      readonly kind: 'readings' | 'event'
      readonly device: string
      readonly document: Readonly<Record<string, unknown>>
    }

/** What is said of the frame beside its values. */
const ABOUT: ReadonlySet<string> = new Set(
  'ts device_ts epoch seq quality priority uncertain invalid integrity key'.split(' '),
)

/** One line for people; what others wrote cannot steer the terminal. */
export function tapLine(ts: string, heard: Heard): string {
  const words = `${ts}  ${heard.device}  ${wordsOf(heard)}`
  return `${printable(words)}\n`
}

function wordsOf(heard: Heard): string {
  switch (heard.kind) {
    case 'frame':
      return `frame     ${heard.hex}`
    case 'unreadable':
      return `frame     none can be read: ${heard.reason}`
    case 'readings':
      return `readings  ${readingsWords(heard.document)}`
    case 'event':
      return `event     ${eventWords(heard.document)}`
  }
}

/** An event in one line, without its time. */
export function eventWords(document: Readonly<Record<string, unknown>>): string {
  const { ts: _ts, type, severity, ...facts } = document
  const rest = Object.entries(facts).map(([name, value]) => `${name}=${wordOf(value)}`)
  return [wordOf(severity), wordOf(type), ...rest].join(' ')
}

function readingsWords(document: Readonly<Record<string, unknown>>): string {
  const { epoch, seq, quality, uncertain, invalid, integrity } = document
  const values = Object.entries(document)
    .filter(([name, value]) => !ABOUT.has(name) && value !== null)
    .map(([name, value]) => `${name}=${wordOf(value)}`)
  const doubts = entries(uncertain).map(([name, doubt]) => {
    const { value, bound } = Object(doubt)
    const within = typeof bound === 'number' ? ` ±${wordOf(bound)}` : ' without a bound'
    return `${name}=${value === null ? 'unknown' : `${wordOf(value)}${within}`} (uncertain)`
  })
  const bad = entries(invalid).map(([name, value]) => `${name}=${wordOf(value)} (invalid)`)
  const unproven = integrity === undefined ? [] : [`integrity=${wordOf(integrity)}`]
  const frame = `${wordOf(epoch)}/${wordOf(seq)} ${wordOf(quality)}`
  return [frame, ...values, ...doubts, ...bad, ...unproven].join('  ')
}

const entries = (value: unknown): [string, unknown][] =>
  typeof value === 'object' && value !== null ? Object.entries(value) : []

function wordOf(value: unknown): string {
  if (typeof value === 'number') return short(value)
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '?')
}
