import { InvalidArgumentError } from 'commander'
import { parseDuration } from '../config/index.js'

/** Parsers of options: each throws what the command line then says. */

export const duration = (text: string): number => {
  const ms = parseDuration(text)
  if (ms === undefined)
    throw new InvalidArgumentError('write a number with a unit, as 20s or 5min.')
  return ms
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
