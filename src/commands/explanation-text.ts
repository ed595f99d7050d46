import type { EstimateView } from '../alec/index.js'
import type { Continuity, DeviceEvent, ModelSpec } from '../device/index.js'
import type {
  ExplainedChannel,
  ExplainedField,
  ExplainedReadings,
  Explanation,
} from './explanation.js'
import { columns, short, span } from './spelling.js'

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

const isoSeconds = (unix = 0): string => new Date(unix * 1000).toISOString().replace('.000', '')

const skippedText = {
  duplicate: 'a duplicate: the same bytes came before; it is not observed again',
  late: 'it is older than the frame before; what came later does not change',
  'circuit-open': 'the circuit is open',
  'rate-limited': 'over the rate limit',
  'no-data': 'not a data frame: it carries no values',
  'unknown-source': 'none of its values belongs to a channel of the model',
} as const

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

function continuityText(continuity: Continuity, imported: boolean): string {
  switch (continuity.kind) {
    case 'continues': {
      const { lost, suppressed } = continuity
      const since = imported ? 'the imported state' : 'the frame before'
      if (lost > 0) return `gap: ${count(lost, 'frame')} lost since ${since}`
      if (suppressed.most > 0)
        return `goes on from ${since}; the device kept ${span({ lo: suppressed.least, hi: suppressed.most })} values to itself`
      return `goes on from ${since}, nothing is missing`
    }
    case 'fresh':
      return 'fresh: the first frame of a device that has just started'
    case 'late':
      return `late by ${count(continuity.behind, 'frame')}`
    case 'unknown':
      return `unknown (${continuity.cause}): ${continuity.message}`
  }
}

/** What the other lines do not say already. */
function eventText(event: DeviceEvent): string | undefined {
  switch (event.type) {
    case 'resynchronised':
      return `resynchronised after ${count(event.frames, 'frame')}`
    case 'wrong_declaration':
      return `wrong declaration: ${event.message}`
    case 'conflict':
      return `conflict: ${event.message}`
    case 'not_finite':
      return `channel ${event.channel} sent ${event.value}`
    default:
      return undefined
  }
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

function predictionText({ prediction }: ExplainedChannel): string {
  if (!prediction) return 'none: the device has no number to predict'
  const by = { average: 'its average', last: 'its last value', either: 'its average or last value' }
  const doubt = prediction.mayBeNaN ? ', unless that is NaN' : ''
  const { lo, hi, point } = prediction
  const taken = lo < hi && Number.isFinite(point) ? `, a plain decoder takes ${short(point)}` : ''
  return `${span(prediction)}, by ${by[prediction.by]}${doubt}${taken}`
}

const deltaText = (delta: number, scale: number): string =>
  `${delta < 0 ? delta : `+${delta}`} / ${scale} = ${short(delta / scale)}, rounded by at most ${0.5 / scale}`

/** What the declarations leave, and which of them no frame has contradicted. */
function declaredText({ name, sensor, inForce }: ExplainedChannel, spec: ModelSpec): string {
  const declared = spec.channels.find((channel) => channel.name === name)
  const resolution = declared?.resolution
  const limits: string[] = []
  if (resolution !== undefined)
    limits.push(inForce.resolution ? `resolution ${resolution}` : 'resolution contradicted')
  limits.push(...rangeText(inForce, declared))
  const steps =
    inForce.resolution && resolution !== undefined && Number.isFinite(sensor.hi - sensor.lo)
      ? Math.round((sensor.hi - sensor.lo) / Number(resolution)) + 1
      : 1
  const many = steps > 1 ? `, ${steps} multiples of ${resolution}` : ''
  return `${span(sensor)}${many} (${limits.join(', ') || 'nothing declared'})`
}

function rangeText(
  { min, max, maxStep }: EstimateView['inForce'],
  declared: ModelSpec['channels'][number] | undefined,
): string[] {
  const limits: string[] = []
  const unlimited = min === Number.NEGATIVE_INFINITY && max === Number.POSITIVE_INFINITY
  if (!unlimited) limits.push(`range ${span({ lo: min, hi: max })}`)
  else if (declared?.min !== undefined || declared?.max !== undefined)
    limits.push('range contradicted')
  if (Number.isFinite(maxStep)) limits.push(`max_step ${maxStep}`)
  else if (declared?.maxStep !== undefined) limits.push('max_step contradicted')
  return limits
}

function afterwardsText({ average, last, observations }: ExplainedChannel): string {
  const { atLeast, exactly } = observations
  if (atLeast === 0 && exactly) return 'nothing observed'
  const often =
    atLeast >= 3 ? '' : `, observed ${exactly ? '' : 'at least '}${count(atLeast, 'time')}`
  return `average ${span(average)}, last value ${span(last)}${often}`
}

const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`
