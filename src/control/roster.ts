/**
 * What requests have made of the devices. The configuration's file declares, requests amend, and the program never
 * writes the file; so the two are merged, by these rules:
 *
 * - a device that is added by request is there until it is removed by request; where the file declares it as well, the
 *   file's declaration counts, and the addition is forgotten;
 * - one that the file declares and a request has removed stays away for as long as the file goes on declaring it;
 * - a new name stays with the device, whoever declares it, for as long as it is declared.
 */
export interface Roster {
  /** By the id that its door gives it. */
  readonly added: Readonly<Record<string, AddedDevice>>
  /** Declared by the file, and not wanted. */
  readonly removed: readonly string[]
  /** The id that its door gives a device → what it is called now. */
  readonly renamed: Readonly<Record<string, NewName>>
}

export interface AddedDevice {
  readonly model: string
  readonly name?: string
  /** The door that it comes by, where that has to be told how it knows the device. */
  readonly source?: string
  /** Its address on the line, or its id in the network behind the broker. */
  readonly as?: string | number
}

export interface NewName {
  readonly to: string
  readonly name?: string
}

export const EMPTY_ROSTER: Roster = Object.freeze({ added: {}, removed: [], renamed: {} })

/** Whether what came from a disk is a roster. */
export function isRoster(value: unknown): value is Roster {
  if (typeof value !== 'object' || value === null) return false
  const { added, removed, renamed } = value as Partial<Record<keyof Roster, unknown>>
  return (
    isRecordOf(added, 'model') &&
    isRecordOf(renamed, 'to') &&
    Array.isArray(removed) &&
    removed.every((id) => typeof id === 'string')
  )
}

/** Whether it is a map whose values each have this text. */
const isRecordOf = (value: unknown, key: string): boolean =>
  typeof value === 'object' &&
  value !== null &&
  Object.values(value).every(
    (one) =>
      typeof one === 'object' &&
      one !== null &&
      typeof (one as Record<string, unknown>)[key] === 'string',
  )
