import { type DeviceSurvey, type Sighting, surveyDevice } from '../survey/index.js'
import type { Heard, InitOptions } from './init-options.js'
import { deviceIdFor, type HeardDevice, type HeardLine, type HeardTopic } from './init-proposal.js'
import { type CommandIo, Exit } from './io.js'

/** Of a device on its network, in characters. */
const LONGEST_NAME = 128

/** Finds out about each device, under the names that it is known by on its way, '' where by none. */
export function surveyed(
  source: HeardLine | HeardTopic,
  sightings: ReadonlyMap<string, readonly Sighting[]>,
  options: InitOptions,
  io: CommandIo,
): Heard {
  const devices: HeardDevice[] = []
  const taken = new Set<string>()
  for (const [known, frames] of sightings) {
    const who = known === '' ? 'this device' : JSON.stringify(known)
    if (/\s/u.test(known) || known.length > LONGEST_NAME) {
      io.stderr(`left out: ${who}, a name that cannot stand in a configuration\n`)
      continue
    }
    const survey = surveyDevice(frames)
    if (!survey || isChance(survey, frames)) {
      io.stderr(`left out: ${frames.length} frames of ${who} are of no kind that is known here\n`)
      continue
    }
    const id = known === '' ? (options.device ?? 'node-1') : deviceIdFor(known, taken, source.kind)
    taken.add(id.toLowerCase())
    devices.push({ id, known: known === '' ? undefined : known, survey })
  }
  if (devices.length > 0) return { source, devices }
  io.stderr('nothing is left to propose\n')
  return Exit.unavailable
}

/** On a noisy line an address may be made of noise. */
const isChance = ({ fitting }: DeviceSurvey, frames: readonly Sighting[]): boolean =>
  fitting < 2 && frames.some(({ integrity }) => integrity === 'none' || integrity === 'crc16')
