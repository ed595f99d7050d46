import { useEffect, useRef, useState } from 'preact/hooks'
import type { ChannelSpec } from '../../device/index.js'
import { short } from '../../spelling.js'
import { QualityMark } from '../parts/states.jsx'
import type { Points } from '../store/device-store.js'
import type { Theme } from '../theme.js'
import { boundText, clockText } from '../words.js'
import { Chart } from './chart.js'
import { qualityAt } from './chart-data.js'

interface ChannelPanelProps {
  readonly channel: ChannelSpec
  readonly tolerance: number
  readonly index: number
  readonly points: Points
  readonly theme: Theme
}

/** One channel's course: the values, what is proven of them, and the reading under the pointer. */
export const ChannelPanel = ({ channel, tolerance, index, points, theme }: ChannelPanelProps) => {
  const place = useRef<HTMLDivElement>(null)
  const chart = useRef<Chart | undefined>(undefined)
  const [pointed, setPointed] = useState<number>()
  useEffect(() => {
    if (!place.current) return
    const made = new Chart(place.current, index, setPointed)
    chart.current = made
    return () => made.close()
    // Colours are read when it is made.
  }, [index, theme])
  useEffect(() => chart.current?.show(points), [points, theme])

  const { name, unit = '', resolution } = channel
  const shown = pointed ?? lastCarried(points, index)
  return (
    <section class="panel channel" aria-label={`Channel ${name}`}>
      <div class="channel-head">
        <h2>{name}</h2>
        <Reading points={points} index={index} at={shown} unit={unit} />
      </div>
      <div
        class="chart"
        ref={place}
        role="img"
        aria-label={`Course of ${name}, with its bounds`}
        title="Drag to look closer, double-click for all of it"
      />
      <p class="channel-foot">
        {pointed === undefined
          ? `good within ± ${boundText(tolerance)}${unit && ` ${unit}`}${resolution === undefined ? '' : `, in steps of ${resolution}`}`
          : `${clockText(points.at[pointed] ?? 0)}, number ${points.seq[pointed]} of epoch ${points.epoch[pointed]}`}
      </p>
    </section>
  )
}

interface ReadingProps {
  readonly points: Points
  readonly index: number
  readonly at: number | undefined
  readonly unit: string
}

const Reading = ({ points, index, at, unit }: ReadingProps) => {
  const channel = points.channels[index]
  const quality = channel && at !== undefined ? qualityAt(channel, at) : undefined
  if (!channel || at === undefined || quality === undefined) {
    return <p class="now none">no reading yet</p>
  }
  const value = channel.values[at] ?? null
  const bound = channel.bounds[at] ?? null
  return (
    <p class={`now is-${quality}`}>
      <b>{value === null || quality === 'bad' ? 'no number' : short(value)}</b>
      <span>
        {quality === 'bad' ? '' : `± ${bound === null ? '?' : boundText(bound)} `}
        {unit}
      </span>
      <QualityMark quality={quality} />
    </p>
  )
}

function lastCarried({ at, channels }: Points, index: number): number | undefined {
  const channel = channels[index]
  for (let i = at.length - 1; i >= 0; i--) if (channel && qualityAt(channel, i)) return i
  return undefined
}
