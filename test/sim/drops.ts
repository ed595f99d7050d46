import { type Dropped, keyOf, type Subscriber } from './subscriber.js'

/** What was said to be dropped, held against what is missing and against what the journal has of it. */
export class Drops {
  readonly #subscriber: Subscriber
  /** Readings that are missing, by device. */
  readonly #missing = new Map<string, number>()

  constructor(subscriber: Subscriber) {
    this.#subscriber = subscriber
  }

  /** Whether readings that never came were said to be dropped. */
  has(device: string, key: string): boolean {
    const isSaid = this.#subscriber.saidDropped(device, keyOf(key))
    if (isSaid) this.#missing.set(device, (this.#missing.get(device) ?? 0) + 1)
    return isSaid
  }

  /** What is wrong with what was said, after all that is missing was asked for. */
  fault(journaled: readonly Dropped[]): string | undefined {
    for (const [device, missing] of this.#missing) {
      const counted = this.#subscriber
        .droppedOf(device)
        .filter(({ fromKey }) => fromKey !== '')
        .reduce((sum, { count }) => sum + count, 0)
      if (counted < missing)
        return `I2: ${missing} readings of ${device} are missing, ${counted} are said to be dropped`
    }
    const unsaid = journaled.find((one) => !this.#wasSaid(one))
    return unsaid && `I2: nobody was told of ${JSON.stringify(unsaid)}`
  }

  /** Alone, or joined with others of the device. */
  #wasSaid({ device, fromKey, toKey, wall }: Dropped): boolean {
    if (fromKey !== '')
      return [fromKey, toKey].every((key) => this.#subscriber.saidDropped(device, keyOf(key)))
    return this.#subscriber.droppedOf(device).some((said) => said.wall === wall)
  }
}
