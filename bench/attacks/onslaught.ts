import { type Attack, brokerAttacks, inputAttacks, type Target } from './attacks.js'
import { knock } from './knocking.js'
import { mutationFlood } from './mutation.js'
import { slowConnections } from './slow.js'

const SLOW: Attack = {
  name: '200 connections that say a byte a second',
  run: async (target) =>
    (await slowConnections(target, 200)) < 8000 ? [] : ['they are kept for more than 8 s'],
}

export const attacksOnBroker: readonly Attack[] = brokerAttacks
export const attacksOnProgram: readonly Attack[] = [...inputAttacks, SLOW]

/** What an attacker is told to do. */
export type Onslaught =
  | { readonly kind: 'attack'; readonly name: string }
  /** Until so many packets are sent. */
  | ({ readonly kind: 'mutation'; readonly seed: number; readonly packets?: number } & Stint)
  | ({ readonly kind: 'knocking' } & Stint)

export interface Stint {
  /** For so long. */
  readonly ms?: number
  /** New connections. */
  readonly perSecond?: number
}

export interface Aftermath {
  /** What should not have happened. */
  readonly faults: readonly string[]
  /** It opened so many. */
  readonly connections: number
}

export async function attack(target: Target, order: Onslaught): Promise<Aftermath> {
  if (order.kind === 'attack') {
    const one = [...attacksOnBroker, ...attacksOnProgram].find(({ name }) => name === order.name)
    const faults = await one?.run(target).catch((error: unknown) => [String(error)])
    return { faults: faults ?? ['there is no such attack'], connections: 0 }
  }
  const { ms = Number.POSITIVE_INFINITY, perSecond } = order
  const end = performance.now() + ms
  const inTime = () => performance.now() < end
  if (order.kind === 'knocking') {
    return { faults: [], connections: await knock(target, inTime, perSecond) }
  }
  const { packets = Number.POSITIVE_INFINITY, seed } = order
  const wanted = (sent: number) => sent < packets && inTime()
  return {
    faults: [],
    connections: await mutationFlood(target, wanted, seeded(seed), perSecond),
  }
}

/** A sequence of xorshift numbers in [0, 1). */
function seeded(seed: number): () => number {
  let state = seed | 0 || 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}
