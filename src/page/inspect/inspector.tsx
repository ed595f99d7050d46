import { useMemo, useState } from 'preact/hooks'
import { compileProfile } from '../../device/index.js'
import { Explainer, type Explanation } from '../../explanation/index.js'
import type { DeviceMessage, FrameMessage } from '../../http/feed/messages.js'
import { bytesOf } from '../../spelling.js'
import { FieldTable, Wire } from './fields.jsx'
import { OutcomeText } from './outcome.jsx'

interface InspectorProps {
  readonly device: DeviceMessage
  readonly frames: readonly FrameMessage[]
  readonly chosen: FrameMessage | undefined
  readonly pasted: string
}

/** Where no interval is declared any would do: each frame comes one later than the one before. */
const DEFAULT_INTERVAL_MS = 60_000

/** Takes a frame apart with the codec itself, here in the browser. */
export const Inspector = ({ device, frames, chosen, pasted }: InspectorProps) => {
  const [field, setField] = useState<number>()
  const pastedBytes = useMemo(() => (pasted === '' ? undefined : bytesOf(pasted)), [pasted])
  const bytes = chosen ? bytesOf(chosen.hex) : pastedBytes
  const hex = chosen?.hex ?? pasted
  // What came before a frame decides what it means. More frames that come later do not change that.
  const before = chosen ? frames.filter(({ number }) => number < chosen.number) : frames
  const earliest = before[0]?.number
  const latest = before.at(-1)?.number
  const explanation = useMemo(
    () => (bytes && bytes.length > 0 ? explained(device, before, bytes) : undefined),
    [device, hex, earliest, latest],
  )
  if (!explanation) {
    return (
      <p class="nothing" role="alert">
        {'These are no hexadecimal byte pairs.'}
      </p>
    )
  }
  return (
    <div class="explanation" aria-live="polite">
      <Wire explanation={explanation} field={field} onField={setField} />
      <FieldTable explanation={explanation} field={field} onField={setField} />
      <OutcomeText explanation={explanation} spec={device.spec} />
      <p class="hint">
        {before.length === 0
          ? 'Decoded as the first frame of a device that nothing is known of.'
          : `Decoded after the ${before.length} frame${before.length === 1 ? '' : 's'} before it that the bridge still has, each one interval later. The bridge itself may know more.`}
      </p>
    </div>
  )
}

function explained(
  { spec }: DeviceMessage,
  before: readonly FrameMessage[],
  bytes: Uint8Array,
): Explanation {
  const intervalMs = spec.intervalMs ?? DEFAULT_INTERVAL_MS
  const explainer = new Explainer(compileProfile({ ...spec, intervalMs }), intervalMs)
  for (const { hex } of before) explainer.explain(bytesOf(hex) ?? new Uint8Array())
  return explainer.explain(bytes)
}
