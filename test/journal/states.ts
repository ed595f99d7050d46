import type { LoadedState, Snapshot } from '../../src/journal/index.js'
import { snapshotPieces } from '../../src/journal/snapshot-file.js'

/** A snapshot whose devices are all there. */
export type WholeSnapshot = Omit<Snapshot, 'devices'> & {
  readonly devices: ReadonlyMap<string, unknown>
}

/** A snapshot with its devices read. */
export const whole = (snapshot: Snapshot): WholeSnapshot => ({
  ...snapshot,
  devices: new Map(snapshot.devices),
})

/** The same of what a store has loaded. */
export const wholeState = ({ snapshot, damaged }: LoadedState) => ({
  ...(snapshot && { snapshot: whole(snapshot) }),
  damaged,
})

/** The bytes of its file. */
export const encodeSnapshot = (snapshot: Snapshot): Uint8Array =>
  Buffer.concat([...snapshotPieces(snapshot)])

/** A snapshot with something of every kind in it, different for each ordinal. */
export const stateOf = (ordinal: number): WholeSnapshot => ({
  ordinal,
  mono: 1000 * ordinal + 0.5,
  wall: Date.UTC(2026, 0, 1) + ordinal,
  devices: new Map<string, unknown>([
    ['greenhouse-1', { epoch: ordinal, channels: [[21.4, -0, Number.POSITIVE_INFINITY]] }],
    ['7', { lastSeen: null, poisoned: [Number.NaN, 'NaN', '~-0'], known: false }],
  ]),
})

/** The same with so much more in it that its file takes several sectors. */
export function largeStateOf(ordinal: number): WholeSnapshot {
  const { devices, ...rest } = stateOf(ordinal)
  // Nothing that could be written shorter.
  const channels = Array.from({ length: 150 }, (_, i) => ordinal * 1000 + Math.sin(i))
  return { ...rest, devices: new Map([...devices, ['shed-1', { channels }]]) }
}
