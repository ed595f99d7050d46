import { isDeviceId } from '../names.js'
import { type DeviceSurvey, partsOfGateway, type Sighting, surveyDevice } from '../survey/index.js'
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
  const leaveOut = (what: string) => io.stderr(`left out: ${what}\n`)
  for (const [known, frames] of sightings) {
    const who = known === '' ? 'this device' : JSON.stringify(known)
    if (/\s/u.test(known) || known.length > LONGEST_NAME) {
      leaveOut(`${who}, a name that cannot stand in a configuration`)
      continue
    }
    const id = known === '' ? (options.device ?? 'node-1') : deviceIdFor(known, taken, source.kind)
    const found = oneOrParts(id, frames, leaveOut)
    if (found.length === 0) {
      leaveOut(`${frames.length} frames of ${who}, of no kind that is known here`)
      continue
    }
    for (const [i, device] of found.entries()) {
      taken.add(device.id.toLowerCase())
      devices.push({ ...device, known: i > 0 || known === '' ? undefined : known })
    }
  }
  if (devices.length > 0) return { source, devices }
  io.stderr('nothing is left to propose\n')
  return Exit.unavailable
}

/** The device, or a gateway and the devices that it collects from, each under a name of its own below the gateway's. */
function oneOrParts(
  id: string,
  frames: readonly Sighting[],
  leaveOut: (what: string) => void,
): Omit<HeardDevice, 'known'>[] {
  const parts = partsOfGateway(frames)
  if (!parts) {
    const survey = surveyDevice(frames)
    return survey && !isChance(survey, frames) ? [{ id, survey }] : []
  }
  const found: Omit<HeardDevice, 'known'>[] = []
  for (const [part, partFrames] of parts) {
    const survey = surveyDevice(partFrames)
    const partId = `${id}-${part}`
    if (survey && isDeviceId(partId)) found.push({ id: partId, survey })
    else leaveOut(`channel ${JSON.stringify(part)} of gateway ${id}`)
  }
  const [first] = found
  // The source names the gateway itself, so that it has to be a device as well, of whatever model.
  return first ? [{ id, survey: first.survey }, ...found] : []
}

/** On a noisy line an address may be made of noise. */
const isChance = ({ fitting }: DeviceSurvey, frames: readonly Sighting[]): boolean =>
  fitting < 2 && frames.some(({ integrity }) => integrity === 'none' || integrity === 'crc16')
