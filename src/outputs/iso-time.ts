/**
 * Writes Unix milliseconds as ISO 8601 UTC with milliseconds and remembers the last second: frames come in
 * order, so most of them share it. Throws a RangeError on what is no time.
 */
export class IsoTimes {
  #second = Number.NaN
  #text = ''

  format(wall: number): string {
    const second = Math.floor(wall / 1000)
    if (second !== this.#second) {
      this.#text = new Date(second * 1000).toISOString().slice(0, -'000Z'.length)
      this.#second = second
    }
    const millis = Math.floor(wall - second * 1000)
    return `${this.#text}${millis < 10 ? '00' : millis < 100 ? '0' : ''}${millis}Z`
  }
}

/** For what is not written per frame. */
export const isoTime = (wall: number): string => new Date(wall).toISOString()
