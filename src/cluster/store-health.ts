import type { Clock } from '../clock.js'
import type { GroupClock } from './group-clock.js'
import type { StateMarks } from './state-marks.js'
import type { StoreState } from './state-store.js'

/** Undefined where the store is there. */
export function storeComplaint(state: StoreState) {
  if (state.kind === 'up') return undefined
  const message = `the state store is away: ${state.reason} (${state.code}); frames wait at the broker`
  return { status: 'unhealthy', message } as const
}

/** What makes states that are taken over less sure; undefined where nothing does. */
export function timeComplaint(
  groupClock: GroupClock,
  { unreadable }: Pick<StateMarks, 'unreadable'>,
  clock: Pick<Clock, 'mono' | 'wall'>,
): string | undefined {
  const ahead = groupClock.wallAheadMs(clock.mono(), clock.wall())
  if (ahead !== undefined) {
    const seconds = (ahead / 1000).toFixed(1)
    return `the clock of this machine is ${seconds} s ahead of the state store's: devices that are taken over seem silent for as long`
  }
  return unreadable > 0 ? `${unreadable} states were unreadable` : undefined
}
