import type { StateMarks, TakenState } from './state-marks.js'
import type { KeptState, StateStore } from './state-store.js'

/** The store as partitions use it. */
export class DeviceStates {
  readonly #store: Omit<StateStore, 'start' | 'stop' | 'state'>
  readonly #marks: StateMarks

  constructor(store: Omit<StateStore, 'start' | 'stop' | 'state'>, marks: StateMarks) {
    this.#store = store
    this.#marks = marks
  }

  /** Compares clocks with the store. */
  async hearTime(): Promise<void> {
    this.#marks.hear(await this.#store.time())
  }

  async claim(partition: number): Promise<{ readonly token: string }> {
    const { token, time } = await this.#store.claim(partition)
    this.#marks.hear(time)
    return { token }
  }

  async load(partition: number): Promise<readonly TakenState[]> {
    return this.#marks.taken(await this.#store.load(partition))
  }

  /** False where the claim does not hold any more: then nothing is written. */
  async write(partition: number, token: string, states: readonly KeptState[]): Promise<boolean> {
    const { ours, time } = await this.#store.write(partition, token, this.#marks.marked(states))
    this.#marks.hear(time)
    return ours
  }

  async reclaim(partition: number, token: string): Promise<boolean> {
    const { ours, time } = await this.#store.reclaim(partition, token)
    this.#marks.hear(time)
    return ours
  }
}
