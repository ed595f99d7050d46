import { duration, id, list, size, strict } from '../../config/index.js'
import { isoTime } from '../../outputs/index.js'
import { unknownDevice } from '../roster-edits.js'
import { type Affairs, done, refused, request } from './request.js'

const LONGEST = '7d'
const DEFAULT_MS = 600_000
const LARGEST = '64MiB'
const DEFAULT_BYTES = 16 * 1024 * 1024

/** Frames are written to a file as they come in, for some time. */
export const startCapture = request({
  verb: 'capture/start',
  changes: true,
  shape: strict({
    name: id().optional(),
    devices: list(id(), 'a list of ids').optional(),
    for: duration('1s', LONGEST).default(DEFAULT_MS),
    max_size: size('64KiB', LARGEST).default(DEFAULT_BYTES),
  }),
  handle: async ({ name, devices, for: forMs, max_size: maxBytes }, affairs) => {
    const stranger = devices?.find((device) => !sends(device, affairs))
    if (stranger !== undefined) return unknownDevice(stranger, affairs.settings)
    const started = await affairs.capture.start({ name, devices, forMs, maxBytes })
    if (!started.ok) return refused(started.problem)
    const { name: given, file, until } = started
    return done({ name: given, file, until: isoTime(until), max_bytes: maxBytes })
  },
})

/** It ends, and is told what it holds. */
export const stopCapture = request({
  verb: 'capture/stop',
  changes: true,
  shape: strict({}),
  handle: async (_input, { capture }) => {
    const result = await capture.stop()
    return result ? done(result) : refused('no capture has been started')
  },
})

/** A gateway's frames come under its own id, and are of devices whose ids begin with it. */
function sends(device: string, { fleet }: Affairs): boolean {
  if (fleet.session(device)) return true
  for (const { id } of fleet.sessions()) if (id.startsWith(`${device}-`)) return true
  return false
}
