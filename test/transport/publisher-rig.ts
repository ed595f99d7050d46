import type { Publication, WhileAway } from '../../src/outputs/publication.js'
import { Publisher } from '../../src/transport/publisher.js'
import type { PublisherLimits } from '../../src/transport/publisher-options.js'
import { ManualClock } from '../support/manual-clock.js'
import { ScriptedLink } from './scripted-link.js'

export const STATE = { topic: 'alec/bridge/state', online: 'online', offline: 'offline' }

export const publication = (
  topic: string,
  whileAway: WhileAway = 'queue',
  qos: 0 | 1 = 1,
): Publication => ({
  topic,
  payload: topic,
  qos,
  retain: false,
  whileAway,
})

interface Setting {
  readonly retained?: () => Iterable<Publication>
  readonly beforeBirth?: () => Promise<void>
  readonly limits?: Partial<PublisherLimits>
  readonly onPoison?: (publication: Publication, reason: string) => void
  readonly onLost?: () => void
  readonly onRoom?: () => void
  readonly onBorn?: () => void
}

/** A publisher, started, on a link that the test plays. */
export function publisherOn(setting: Setting = {}) {
  const link = new ScriptedLink()
  const clock = new ManualClock()
  const publisher = new Publisher({
    link,
    clock,
    state: STATE,
    retained: () => [],
    ...setting,
  })
  publisher.start()
  return { link, clock, publisher }
}

/** Lets promises that are already resolved take effect. */
export const settle = async () => {
  for (let turn = 0; turn < 5; turn++) await Promise.resolve()
}

/** The same, with its first birth behind it. */
export async function liveOn(setting: Setting = {}) {
  const rig = publisherOn(setting)
  rig.link.open()
  await settle()
  rig.link.acknowledge()
  rig.link.handed.length = 0
  return rig
}
