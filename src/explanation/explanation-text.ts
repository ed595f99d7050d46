import type { ModelSpec } from '../device/index.js'
import { columns, short, span } from '../spelling.js'
import type {
  ExplainedChannel,
  ExplainedField,
  ExplainedReadings,
  Explanation,
} from './explainer.js'
import {
  afterwardsText,
  continuityText,
  declaredText,
  deltaText,
  eventText,
  isoSeconds,
  predictionText,
  skippedText,
} from './phrases.js'

/** Longer fields show so many bytes only. */
const MOST_BYTES = 8

/** A frame's explanation for people to read. */
export function explanationText(explanation: Explanation, spec: ModelSpec): string {
  const { frame, length, outcome } = explanation
  const head = `frame ${frame}: ${length} byte${length === 1 ? '' : 's'}\n`
  const parts = [head, fieldsText(explanation.fields)]
  if (spec.frames === 'compact' || !spec.checksum)
    parts.push(`  checksum    none: ${whyNoChecksum(spec)}\n`)
  switch (outcome.verdict) {
    case 'fault': {
      const { code, offset, message } = outcome.fault
      parts.push(`  fault       ${code} at offset ${offset}: ${message}\n`)
      break
    }
    case 'skipped':
      parts.push(`  skipped     ${skippedText[outcome.why]}\n`)
      break
    case 'readings':
      parts.push(readingsText(outcome, spec))
  }
  return parts.join('')
}

const whyNoChecksum = ({ frames }: ModelSpec): string =>
  frames === 'compact'
    ? 'compact frames carry none; the line or the network vouches for them'
    : 'the model declares none'

function fieldsText(fields: readonly ExplainedField[]): string {
  const rows = fields.map(({ offset, bytes, name, channel, value, meaning }) => [
    String(offset),
    bytesText(bytes),
    name === 'value' && channel !== undefined ? channel : name,
    name === 'timestamp' ? `${meaning}, ${isoSeconds(value)}` : meaning,
  ])
  return columns([['offset', 'bytes', 'field', 'meaning'], ...rows], '  ', [0])
}

function bytesText(hex: string): string {
  const bytes = hex.match(/../g) ?? []
  return bytes.length > MOST_BYTES
    ? `${bytes.slice(0, MOST_BYTES).join(' ')} …`
    : bytes.join(' ') || '–'
}

function readingsText(readings: ExplainedReadings, spec: ModelSpec): string {
  const { continuity, imported, epoch, seq, quality, sync, recovery, wantsKeyframe } = readings
  const rows = [
    ['continuity', continuityText(continuity, imported)],
    ['readings', `${quality}, frame number ${seq} of epoch ${epoch}`],
    ['state', recovery === '' ? sync : `${sync}: ${recovery}`],
  ]
  if (wantsKeyframe) rows.push(['wants', 'a keyframe: its next delta would not be good'])
  for (const event of readings.events) {
    const text = eventText(event)
    if (text !== undefined) rows.push(['event', text])
  }
  const channels = readings.channels.map((channel) => channelText(channel, spec))
  return columns(rows, '  ') + channels.join('')
}

function channelText(channel: ExplainedChannel, spec: ModelSpec): string {
  const { name, encoding, delta, told, candidates, value, bound, quality, why } = channel
  const rows = [['prediction', predictionText(channel)]]
  if (delta !== null) rows.push(['delta', deltaText(delta, spec.scale)])
  if (encoding !== null) rows.push(['frame says', told ? span(told) : 'nothing'])
  rows.push(['declared', declaredText(channel, spec)])
  rows.push(['states', candidates === null ? 'not counted' : String(candidates)])
  if (value === null) rows.push(['value', why])
  else
    rows.push([
      'value',
      `${value} ± ${bound === null ? 'anything' : short(bound)}, ${quality}: ${why}`,
    ])
  rows.push(['afterwards', afterwardsText(channel)])
  return `  ${name}: ${encoding ?? 'left out'}\n${columns(rows, '    ')}`
}
