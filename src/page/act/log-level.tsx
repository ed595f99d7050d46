import { useState } from 'preact/hooks'
import { LEVELS, PARTS } from './log-choices.js'
import type { Wish } from './use-asking.js'

interface LogLevelProps {
  readonly isBusy: boolean
  onWish(wish: Wish): void
}

/** The level of the log, or of one part of it. */
export const LogLevel = ({ isBusy, onWish }: LogLevelProps) => {
  const [part, setPart] = useState('')
  return (
    <>
      <label class="inline-field">
        <span>Log of</span>
        <select
          name="part"
          value={part}
          disabled={isBusy}
          onChange={({ currentTarget }) => setPart(currentTarget.value)}
        >
          <option value="">everything else</option>
          {PARTS.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
      </label>
      <label class="inline-field">
        <span>Log level</span>
        <select
          name="level"
          value=""
          disabled={isBusy}
          onChange={({ currentTarget }) => {
            const level = currentTarget.value
            currentTarget.value = ''
            onWish(wishFor(level, part))
          }}
        >
          <option value="" disabled>
            choose …
          </option>
          {part !== '' && <option value="default">as everything else</option>}
          {LEVELS.map((level) => (
            <option key={level}>{level}</option>
          ))}
        </select>
      </label>
    </>
  )
}

function wishFor(level: string, part: string): Wish {
  const what = part === '' ? 'The log' : `What the log says of ${part}`
  const how = { default: 'as everything else', silent: 'not at all' }[level] ?? `from ${level} on`
  return {
    verb: 'log/level',
    input: { level, ...(part !== '' && { part }) },
    words: () => `${what} is written ${how}, until the next start.`,
  }
}
