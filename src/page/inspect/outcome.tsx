import type { ModelSpec } from '../../device/index.js'
import {
  afterwardsText,
  continuityText,
  declaredText,
  deltaText,
  type ExplainedChannel,
  type ExplainedReadings,
  type Explanation,
  eventText,
  predictionText,
  skippedText,
} from '../../explanation/index.js'
import { short, span } from '../../spelling.js'
import { QualityMark } from '../parts/states.jsx'

interface OutcomeProps {
  readonly explanation: Explanation
  readonly spec: ModelSpec
}

/** What the decoder makes of the frame, and why. */
export const OutcomeText = ({ explanation: { outcome }, spec }: OutcomeProps) => {
  switch (outcome.verdict) {
    case 'fault':
      return (
        <p class="cause cause-unhealthy">
          <b>{outcome.fault.code}</b> at offset {outcome.fault.offset}: {outcome.fault.message}
        </p>
      )
    case 'skipped':
      return (
        <p class="cause">
          <b>skipped</b> {skippedText[outcome.why]}
        </p>
      )
    case 'readings':
      return <Readings readings={outcome} spec={spec} />
  }
}

const Readings = ({
  readings,
  spec,
}: {
  readonly readings: ExplainedReadings
  readonly spec: ModelSpec
}) => {
  const { continuity, imported, epoch, seq, sync, recovery, wantsKeyframe, events } = readings
  const rows: (readonly [string, string])[] = [
    ['Continuity', continuityText(continuity, imported)],
    ['Number', `${seq} of epoch ${epoch}`],
    ['State', recovery === '' ? sync : `${sync}: ${recovery}`],
  ]
  if (wantsKeyframe) rows.push(['Wants', 'a keyframe: its next delta would not be good'])
  for (const event of events) {
    const text = eventText(event)
    if (text !== undefined) rows.push(['Event', text])
  }
  return (
    <>
      <Pairs rows={rows} />
      {readings.channels.map((channel) => (
        <Channel key={channel.name} channel={channel} spec={spec} />
      ))}
    </>
  )
}

const Channel = ({
  channel,
  spec,
}: {
  readonly channel: ExplainedChannel
  readonly spec: ModelSpec
}) => {
  const { name, encoding, delta, told, candidates, value, bound, quality, why } = channel
  const unit = spec.channels.find((one) => one.name === name)?.unit ?? ''
  const rows: (readonly [string, string])[] = [['Prediction', predictionText(channel)]]
  if (delta !== null) rows.push(['Delta', deltaText(delta, spec.scale)])
  if (encoding !== null) rows.push(['Frame says', told ? span(told) : 'nothing'])
  rows.push(['Declared', declaredText(channel, spec)])
  rows.push(['States', candidates === null ? 'not counted' : String(candidates)])
  rows.push(['Why', why])
  rows.push(['Afterwards', afterwardsText(channel)])
  return (
    <section class="explained-channel" aria-label={`Value of ${name}`}>
      <h3>
        {name} <small>{encoding ?? 'left out'}</small>
        {value !== null && (
          <span class="explained-value">
            {short(value)} ± {bound === null ? 'anything' : short(bound)} {unit}
          </span>
        )}
        {quality !== null && <QualityMark quality={quality} />}
      </h3>
      <Pairs rows={rows} />
    </section>
  )
}

const Pairs = ({ rows }: { readonly rows: readonly (readonly [string, string])[] }) => (
  <dl class="pairs">
    {rows.map(([name, text], index) => (
      <div key={`${index}`}>
        <dt>{name}</dt>
        <dd>{text}</dd>
      </div>
    ))}
  </dl>
)
