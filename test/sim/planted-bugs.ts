import type { BridgeMemory } from '../../src/control/index.js'
import type {
  BrokerConnection,
  BrokerDoor,
  OutgoingMessage,
} from '../../src/transport/broker-port.js'
import { TRIES } from './refusals.js'

/** Faults of the bridge itself, put on at its ports, to show that the simulator finds such. */
export const plantedBugs = [
  'halved-bounds',
  'early-acknowledgement',
  'early-checkpoint',
  'unbroken-seal',
  'deaf-to-refusals',
  'quick-retries',
] as const

/**
 * `halved-bounds`: the proof is wrong. `early-acknowledgement`: a frame is acknowledged before it is safe.
 * `early-checkpoint`: what was handled counts as published. `unbroken-seal`: nothing tells of what left from memory alone.
 * `deaf-to-refusals`: what the broker refuses counts as published. `quick-retries`: it is sent again while others of its
 * device go on.
 */
export type PlantedBug = (typeof plantedBugs)[number]

export function plant(bug: PlantedBug | undefined, memory: BridgeMemory): void {
  const { journal } = memory
  if (bug === 'unbroken-seal') Object.assign(memory, { epochLeap: 0 })
  if (bug !== 'early-checkpoint') return
  const honest = journal.checkpoint.bind(journal)
  const append = journal.append.bind(journal)
  journal.append = (...entry) => {
    append(...entry)
    honest(journal.lastOrdinal)
  }
}

export type Publish = BrokerConnection['publish']

/** The door with what a bug makes of it. */
export function plantAt(bug: PlantedBug | undefined, door: BrokerDoor): BrokerDoor {
  switch (bug) {
    case 'halved-bounds':
      return changed(door, (publish) => (message, done) => publish(halved(message), done))
    case 'deaf-to-refusals':
      return changed(door, (publish) => (message, done) => publish(message, () => done()))
    case 'quick-retries':
      return changed(door, (publish) => (message, done) => retried(publish, message, done, TRIES))
    default:
      return door
  }
}

function retried(
  publish: Publish,
  message: OutgoingMessage,
  done: (error?: Error) => void,
  tries: number,
): void {
  publish(message, (error) => {
    if (error && tries > 1) retried(publish, message, done, tries - 1)
    else done(error)
  })
}

/** The door with another way to publish, made anew for each connection. */
export const changed = (door: BrokerDoor, change: (publish: Publish) => Publish): BrokerDoor => ({
  ...door,
  open(handlers) {
    const connection = door.open(handlers)
    return {
      publish: change((message, done) => connection.publish(message, done)),
      subscribe: (filter, qos, done) => connection.subscribe(filter, qos, done),
      unsubscribe: (filter) => connection.unsubscribe(filter),
      close: () => connection.close(),
      abort: () => connection.abort(),
    }
  },
})

function halved(message: OutgoingMessage): OutgoingMessage {
  if (!message.topic.endsWith('/readings') || typeof message.payload !== 'string') return message
  const payload = message.payload.replace(
    /"bound":([\d.e+-]+)/g,
    (_, bound) => `"bound":${Number(bound) / 2}`,
  )
  return { ...message, payload }
}
