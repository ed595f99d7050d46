import type { EstimateView } from '../alec/index.js'
import type { Continuity, DeviceEvent, ModelSpec } from '../device/index.js'
import { short, span } from '../spelling.js'
import type { ExplainedChannel } from './explainer.js'

export const isoSeconds = (unix = 0): string =>
  new Date(unix * 1000).toISOString().replace('.000', '')

export const skippedText = {
  duplicate: 'a duplicate: the same bytes came before; it is not observed again',
  late: 'it is older than the frame before; what came later does not change',
  'circuit-open': 'the circuit is open',
  'rate-limited': 'over the rate limit',
  'no-data': 'not a data frame: it carries no values',
  'unknown-source': 'none of its values belongs to a channel of the model',
} as const

export function continuityText(continuity: Continuity, imported: boolean): string {
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
export function eventText(event: DeviceEvent): string | undefined {
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

export function predictionText({ prediction }: ExplainedChannel): string {
  if (!prediction) return 'none: the device has no number to predict'
  const by = { average: 'its average', last: 'its last value', either: 'its average or last value' }
  const doubt = prediction.mayBeNaN ? ', unless that is NaN' : ''
  const { lo, hi, point } = prediction
  const taken = lo < hi && Number.isFinite(point) ? `, a plain decoder takes ${short(point)}` : ''
  return `${span(prediction)}, by ${by[prediction.by]}${doubt}${taken}`
}

export const deltaText = (delta: number, scale: number): string =>
  `${delta < 0 ? delta : `+${delta}`} / ${scale} = ${short(delta / scale)}, rounded by at most ${0.5 / scale}`

/** What the declarations leave, and which of them no frame has contradicted. */
export function declaredText({ name, sensor, inForce }: ExplainedChannel, spec: ModelSpec): string {
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

export function afterwardsText({ average, last, observations }: ExplainedChannel): string {
  const { atLeast, exactly } = observations
  if (atLeast === 0 && exactly) return 'nothing observed'
  const often =
    atLeast >= 3 ? '' : `, observed ${exactly ? '' : 'at least '}${count(atLeast, 'time')}`
  return `average ${span(average)}, last value ${span(last)}${often}`
}

const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`
