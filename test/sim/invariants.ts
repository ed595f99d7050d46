import { statusDocument } from '../../src/outputs/status.js'
import type { Source } from '../../src/transport/index.js'
import type { ComputerOptions } from './computer.js'
import { Drops } from './drops.js'
import { hasPeople } from './fault-kinds.js'
import type { JournalWitness } from './journal-witness.js'
import type { World } from './world.js'

const WINDOW = 256

const sum = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((total, count) => total + count, 0)

/** I3 and I6, at any time. */
export function checkCounters(world: World): void {
  const bridge = world.life?.bridge
  if (!bridge) return
  for (const source of bridge.sources) checkDoor(world, source)
  const counters = bridge.publisher.counters()
  const { submitted, acknowledged, superseded, givenBack, queuedMessages, inFlight } = counters
  const gone = acknowledged + superseded + givenBack + sum(counters.dropped)
  const accounted = gone + queuedMessages + inFlight
  if (submitted !== accounted)
    world.violated(`I3: of ${submitted} publications ${accounted} are accounted for`)
  const { queueBytes } = world.configuration.limits
  if (counters.queuedBytes > queueBytes)
    world.violated(`I6: ${counters.queuedBytes} bytes in a queue of ${queueBytes}`)
  if (inFlight > WINDOW) world.violated(`I6: ${inFlight} publications under way`)
}

function checkDoor(world: World, source: Source): void {
  const { bytesIn, bytesInFrames, discardedBytes } = source.counters()
  const accounted = bytesInFrames + sum(discardedBytes)
  if (bytesIn !== accounted)
    world.violated(`I3: ${source.id}: of ${bytesIn} bytes ${accounted} are accounted for`)
}

export const breakersClosed = (world: World): boolean =>
  [...(world.life?.bridge?.fleet.sessions() ?? [])].every(
    (session) => session.status().circuit === 'closed',
  )

/** I9: long enough after the last fault everything is as it should be. */
export function checkHealed(world: World): void {
  const bridge = world.life?.bridge
  if (!bridge) {
    world.violated('I9: no bridge runs')
    return
  }
  for (const { id, state } of bridge.sources)
    if (state.kind !== 'open') world.violated(`I9: ${id} is ${state.kind}`)
  const { queuedMessages } = bridge.publisher.counters()
  if (queuedMessages > 0) world.violated(`I9: ${queuedMessages} publications wait`)
  for (const session of bridge.fleet.sessions()) {
    const { circuit, online } = session.status()
    // Who sends only what is not expected may say nothing for hours.
    if (session.profile.spec.suppresses) continue
    if (circuit !== 'closed') world.violated(`I9: the circuit of ${session.id} is ${circuit}`)
    if (!online) world.violated(`I9: ${session.id} is offline`)
  }
}

/** I7: a while after the last frame what the broker holds is what is so. */
export function checkAtRest(world: World): void {
  const bridge = world.life?.bridge
  if (!bridge) return
  const said = (topic: string) => new TextDecoder().decode(world.broker.retained.get(topic))
  for (const session of bridge.fleet.sessions()) {
    const status = session.status()
    const context = { bridge: world.configuration.bridge.id, wall: 0, details: true }
    const expected = JSON.stringify({ ...statusDocument(status, context), ts: '' })
    const text = said(`alec/${session.id}/status`)
    const held = text === '' ? 'nothing' : JSON.stringify({ ...JSON.parse(text), ts: '' })
    if (held !== expected) world.violated(`I7: ${session.id}: ${expected} is held as ${held}`)
    const online = status.online ? 'online' : 'offline'
    for (const [topic, value] of [
      ['availability', online],
      ['status/health', status.health],
      ['status/circuit', status.circuit],
    ] as const) {
      const held = said(`alec/${session.id}/${topic}`)
      if (held !== value) world.violated(`I7: ${session.id}: ${topic} is held as ${held}`)
    }
  }
  if (said('alec/bridge/state') !== 'online')
    world.violated('I7: the bridge is not said to be online')
}

/** What was acknowledged is in the journal, under whichever id its device had, whatever happened since (I2). */
export function checkPromises(
  { plan, names, violated }: Pick<ComputerOptions, 'plan' | 'names' | 'violated'>,
  { promised, frames, named }: JournalWitness,
): void {
  // A flood is acknowledged, counted and not kept.
  if (plan.strengths.has('flood')) return
  const refused = new Map<string, number>()
  for (const { device, fromKey, count } of named)
    if (fromKey === '') refused.set(device, (refused.get(device) ?? 0) + count)
  // Less than a tenth of what was refused may be unnamed where the process was killed.
  for (const [device, count] of refused) refused.set(device, count + Math.ceil(count / 9) - 1)
  const leaving = hasPeople(plan.strengths)
    ? plan.devices.flatMap(({ node, fate }) => (fate === 'leaves' ? [node.id] : []))
    : []
  for (const frame of promised) {
    const [device = '', bytes] = frame.split(':')
    // What nobody has declared is acknowledged, counted and not kept.
    if (leaving.includes(device)) continue
    const known = names.of(device)
    if (known.some((name) => frames.has(`${name}:${bytes}`))) continue
    const name = known.find((one) => (refused.get(one) ?? 0) > 0)
    if (name === undefined) violated(`I2: ${frame} was acknowledged and is not in the journal`)
    else refused.set(name, (refused.get(name) ?? 0) - 1)
  }
}

/** What the journal holds was delivered, byte for byte, and nothing else (I2, I5). */
export function checkDelivered(world: World): void {
  const { expected } = world.computer.witness
  // The witness decodes with whole bounds: it is the truth that has to find these.
  if (world.plan.planted === 'halved-bounds') return
  const owed = new Set<string>()
  const dropped = new Drops(world.subscriber)
  for (const { device, key, payload, ordinal } of expected) {
    const name = `${device}/${key}`
    owed.add(name)
    const said = world.subscriber.payloadOf(name)
    if (said === payload || (said === undefined && world.refusals.areEnough(name))) continue
    if (said === undefined && dropped.has(device, key)) continue
    const what = said === undefined ? 'was never delivered' : `was delivered as ${said}`
    world.violated(`I2: ${name}, entry ${ordinal}, ${payload} ${what}`)
    return
  }
  const fault = dropped.fault(world.computer.witness.named)
  if (fault !== undefined) world.violated(fault)
  if (world.computer.wasUnsafe) return
  for (const name of world.subscriber.keys()) {
    if (owed.has(name)) continue
    world.violated(`I5: ${name} was delivered and does not follow from the journal`)
    return
  }
}
