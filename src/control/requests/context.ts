import { duration, flag, id, strict, text } from '../../config/index.js'
import { exportContext } from '../../device/index.js'
import { withDevice } from './devices.js'
import { done, ordered, refused, request } from './request.js'

const LONGEST_HEX = 131_072

/** What is known of a device's encoder, as an ALCS state. */
export const exportState = request({
  verb: 'context/export',
  shape: strict({ device: id(), force: flag().default(false) }),
  handle: ({ device, force }, affairs) =>
    withDevice(device, affairs, (session) => {
      const exported = exportContext(session.profile, session.save())
      if (!exported) return refused(`nothing is known of ${device} yet`)
      const { alcs, doubts, remedy } = exported
      if (doubts.length > 0 && !force)
        return refused(
          ...doubts,
          'not exported, as this is not the state of the encoder; force: true exports the nearest guess, which no bridge imports',
          remedy,
        )
      return done({ device, alcs: Buffer.from(alcs).toString('hex'), doubts })
    }),
})

/** A device is made exact by the state that its encoder exported. */
export const importState = request({
  verb: 'context/import',
  changes: true,
  shape: strict({
    device: id(),
    alcs: text(
      new RegExp(`^(?:[0-9a-fA-F]{2}){1,${LONGEST_HEX / 2}}$`),
      `a state in hexadecimal digits, at most ${LONGEST_HEX}`,
    ),
    age: duration().optional(),
  }),
  handle: ({ device, alcs, age = 0 }, affairs) =>
    withDevice(device, affairs, () => {
      const exportedAt = affairs.clock.mono() - age
      return ordered({ do: 'import', device, alcs, exportedAt }, affairs)
    }),
})
