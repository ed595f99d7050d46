import type { Fleet } from '../device/index.js'
import type { Snapshot } from '../journal/index.js'

/** What a fleet knows now, and under which plan. Whoever has it has to say when it is done with. */
export function pictureOf(fleet: Fleet): Omit<Snapshot, 'ordinal' | 'mono' | 'wall'> {
  const devices = fleet.picture()
  return {
    plan: fleet.document,
    epochBase: fleet.epochBase,
    devices,
    done: () => devices.end(),
  }
}

/** The same where nothing has come yet, so that nothing is known: of a large fleet that would take seconds to say. */
export const blankPicture = (fleet: Fleet): ReturnType<typeof pictureOf> => ({
  plan: fleet.document,
  epochBase: fleet.epochBase,
  devices: [],
})
