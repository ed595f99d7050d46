import { SETTLED } from './average.js'

/** How often a device has observed a channel, as far as its predictions tell one number from another. */
export class ObservationCount {
  /** Counted up to `SETTLED` only. */
  atLeast = 0
  /** It is just that, or more than `SETTLED`. */
  exactly = true

  /** Certainly never. */
  get none(): boolean {
    return this.atLeast === 0 && this.exactly
  }

  /** It predicts by its average, and always will. */
  get settled(): boolean {
    return this.atLeast >= SETTLED
  }

  /** What the next observation will be to the average. */
  get next(): 'first' | 'later' | 'either' {
    if (this.atLeast > 0) return 'later'
    return this.exactly ? 'first' : 'either'
  }

  set(atLeast: number, exactly: boolean): void {
    this.atLeast = Math.min(atLeast, SETTLED)
    this.exactly = exactly
  }

  add(): void {
    if (this.atLeast < SETTLED) this.atLeast++
  }

  /** It may have observed once more, or not. */
  addPerhaps(): void {
    if (!this.settled) this.exactly = false
  }
}
