/** What `journal.overflow` may be; absent: by door. */
export type OverflowChoice = 'block' | 'drop-oldest' | 'drop-newest' | 'thin'

/** What happens when the journal is full. */
export interface OverflowPolicy {
  /** Inputs that can wait are shut until there is room: nothing of theirs is lost. */
  readonly blocksInputs: boolean
  /** What the journal holds makes room: the oldest readings go. */
  readonly dropsOldest: boolean
  /** Frames that come are refused. */
  readonly refusesNewest: boolean
}

/**
 * Brokers keep what is not acknowledged, so MQTT inputs wait; a serial node cannot, so its oldest readings make room
 * for the newest.
 */
export function overflowPolicy(
  choice: OverflowChoice | undefined,
  doors: { readonly lines: boolean; readonly mqtt: boolean },
): OverflowPolicy {
  switch (choice) {
    case undefined:
      return { blocksInputs: doors.mqtt, dropsOldest: doors.lines, refusesNewest: false }
    case 'block':
      return { blocksInputs: doors.mqtt, dropsOldest: false, refusesNewest: doors.lines }
    case 'drop-oldest':
      return { blocksInputs: false, dropsOldest: true, refusesNewest: false }
    case 'drop-newest':
      return { blocksInputs: false, dropsOldest: false, refusesNewest: true }
    case 'thin':
      return { blocksInputs: false, dropsOldest: true, refusesNewest: false }
  }
}
