import { id, label, strict, wordOrNumber } from '../../config/index.js'
import type { DeviceSession } from '../../device/index.js'
import {
  addDevice,
  remodelDevice,
  removeDevice,
  renameDevice,
  unknownDevice,
} from '../roster-edits.js'
import { type Affairs, type Answer, changed, done, ordered, refused, request } from './request.js'

const device = { device: id() }

/** A device is taken in, and decoded from its next frame on. */
export const add = request({
  verb: 'device/add',
  changes: true,
  shape: strict({
    ...device,
    model: id(),
    name: label(128).optional(),
    source: label(255).optional(),
    as: wordOrNumber(128).optional(),
  }),
  handle: async ({ device, model, name, source, as }, { changes }) =>
    changed(
      await changes.amend(
        addDevice(device, {
          model,
          ...(name !== undefined && { name }),
          ...(source !== undefined && { source }),
          ...(as !== undefined && { as }),
        }),
      ),
    ),
})

/** A device is taken out; nothing of it stays with the broker. */
export const remove = request({
  verb: 'device/remove',
  changes: true,
  shape: strict(device),
  handle: async ({ device }, { changes }) => changed(await changes.amend(removeDevice(device))),
})

/** A device goes on under another id, or is called something else by people. */
export const rename = request({
  verb: 'device/rename',
  changes: true,
  shape: strict({ ...device, to: id(), name: label(128).optional() }),
  handle: async ({ device, to, name }, { changes }) =>
    changed(await changes.amend(renameDevice(device, to, name))),
})

/** Another piece of hardware has taken the device's place: nothing that was known holds. */
export const replace = request({
  verb: 'device/replace',
  changes: true,
  shape: strict({ ...device, model: id().optional() }),
  handle: async ({ device, model }, affairs) => {
    if (model !== undefined) {
      const outcome = await affairs.changes.amend(remodelDevice(device, model))
      if (!outcome.ok) return outcome
    }
    return withDevice(device, affairs, () => ordered({ do: 'reset', device }, affairs))
  },
})

/** All that is known of a device is forgotten, and its counters begin anew. */
export const reset = request({
  verb: 'device/reset',
  changes: true,
  shape: strict(device),
  handle: ({ device }, affairs) =>
    withDevice(device, affairs, () => ordered({ do: 'reset', device }, affairs)),
})

/** A device is asked for a keyframe now, whatever the budgets say. */
export const resync = request({
  verb: 'device/resync',
  changes: true,
  shape: strict(device),
  handle: ({ device }, affairs) =>
    withDevice(device, affairs, (session) => {
      if (!session.profile.hasKeyframes)
        return refused(`${device} sends standard frames, which know no keyframes: restart it`)
      const sent = affairs.keyframes.insist(session, affairs.clock.wall())
      if (typeof sent === 'string') return refused(sent)
      affairs.outputs.event(sent.event, session)
      return done({ device, door: session.source })
    }),
})

/** Does something with a device that is there. */
export function withDevice(
  device: string,
  affairs: Affairs,
  act: (session: DeviceSession) => Answer | Promise<Answer>,
): Answer | Promise<Answer> {
  const session = affairs.fleet.session(device)
  return session ? act(session) : unknownDevice(device, affairs.settings)
}
