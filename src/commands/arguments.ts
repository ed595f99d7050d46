import { InvalidArgumentError } from 'commander'
import { parseDuration, parseSize } from '../config/index.js'

/** Parsers of options: each throws what the command line then says. */

export const duration = (text: string): number => {
  const ms = parseDuration(text)
  if (ms === undefined)
    throw new InvalidArgumentError('write a number with a unit, as 20s or 5min.')
  return ms
}
export const size = (text: string): number => {
  const bytes = parseSize(text)
  if (bytes === undefined)
    throw new InvalidArgumentError('write a number with a unit, as 64KiB or 10MB.')
  return bytes
}
export const port = (text: string): number => {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 0 || value > 65_535)
    throw new InvalidArgumentError('a port is a number from 0 to 65535.')
  return value
}

export const count = (text: string): number => {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('write a whole number.')
  return value
}
export const chance = (text: string): number => {
  const value = Number(text)
  if (!(value >= 0 && value <= 1))
    throw new InvalidArgumentError('a chance is a number from 0 to 1.')
  return value
}

export const factor = (text: string): number => {
  const value = Number(text)
  if (!(value > 0 && value < Number.POSITIVE_INFINITY))
    throw new InvalidArgumentError('write a number above 0, as 10 or 0.5.')
  return value
}

export const time = (text: string): number => {
  const wall = parseTime(text)
  if (wall === undefined)
    throw new InvalidArgumentError(
      'write a time as 2026-11-27T07:30:00Z; without a zone it is UTC.',
    )
  return wall
}

/** An option that may be given more than once. */
export const collect = (text: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  text,
]

/** Unix milliseconds of an ISO 8601 time, in UTC where it names no zone; undefined for anything else. */
function parseTime(text: string): number | undefined {
  const [, day, time = '00:00', zone = 'Z'] =
    /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?)(Z|[+-]\d\d:\d\d)?)?$/.exec(
      text,
    ) ?? []
  const wall = new Date(`${day}T${time}${zone}`).getTime()
  return Number.isNaN(wall) ? undefined : wall
}
