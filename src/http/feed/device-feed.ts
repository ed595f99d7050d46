import type { ServerResponse } from 'node:http'
import { type Clock, setRepeating, type Undo } from '../../clock.js'
import type { Views } from '../views.js'
import { deviceMessage } from './describe.js'
import { EventStream, eventText } from './event-stream.js'
import { TICK_MS } from './fleet-feed.js'
import type { Watch } from './watch.js'

interface Reader {
  readonly device: string
  readonly stream: EventStream
  points: number
  frames: number
  events: number
}

/** One device in full to whoever looks at it: what is remembered of it, then each reading, frame and event. */
export class DeviceFeed {
  readonly #views: Views
  readonly #watch: Watch
  readonly #clock: Clock
  readonly #readers = new Set<Reader>()
  #undo: Undo = () => {}

  constructor(views: Views, watch: Watch, clock: Clock) {
    this.#views = views
    this.#watch = watch
    this.#clock = clock
  }

  get readers(): number {
    return this.#readers.size
  }

  /** Takes over the response, until either side closes it; false where there is no such device. */
  join(device: string, response: ServerResponse): boolean {
    const session = this.#views.fleet.session(device)
    if (!session) return false
    const now = this.#clock.mono()
    const stream = new EventStream(response, now, () => this.#leave(reader))
    const reader: Reader = { device, stream, points: 0, frames: 0, events: 0 }
    if (this.#readers.size === 0)
      this.#undo = setRepeating(this.#clock, TICK_MS, () => this.#tick())
    this.#readers.add(reader)
    stream.send(eventText('device', deviceMessage(session, this.#views.configuration)), now)
    this.#tell(reader, now)
    return true
  }

  /** Sends everybody away. */
  close(): void {
    for (const { stream } of this.#readers) stream.end()
  }

  #leave(reader: Reader): void {
    this.#readers.delete(reader)
    if (this.#readers.size === 0) this.#undo()
  }

  #tick(): void {
    const now = this.#clock.mono()
    for (const reader of this.#readers) {
      this.#tell(reader, now)
      reader.stream.beat(now)
    }
  }

  #tell(reader: Reader, now: number): void {
    const trail = this.#watch.trail(reader.device)
    // One who does not keep up misses what is not remembered any more, and no more than that.
    if (!trail || !reader.stream.hasRoom) return
    const { history, events, frameTotal } = trail
    // It was removed and has come back: nothing of it has been told.
    if (frameTotal < reader.frames) reader.points = reader.frames = reader.events = 0
    const tell = (name: string, data: unknown) => reader.stream.send(eventText(name, data), now)
    if (history.total > reader.points) tell('points', history.since(reader.points))
    if (frameTotal > reader.frames) tell('frames', trail.framesSince(reader.frames))
    if (events.total > reader.events) tell('events', events.since(reader.events))
    reader.points = history.total
    reader.frames = frameTotal
    reader.events = events.total
  }
}
