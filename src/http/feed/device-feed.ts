import type { ServerResponse } from 'node:http'
import { type Clock, setRepeating, type Undo } from '../../clock.js'
import type { SessionView, Views } from '../views.js'
import { deviceMessage } from './describe.js'
import { EventStream, eventText } from './event-stream.js'
import { TICK_MS } from './fleet-feed.js'
import type { Watch } from './watch.js'

interface Reader {
  readonly device: string
  readonly stream: EventStream
  /** Which one it was told of: after a reload it may be another. */
  session: SessionView | undefined
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
    if (!this.#views.fleet.session(device)) return false
    const now = this.#clock.mono()
    const stream = new EventStream(response, now, () => this.#leave(reader))
    const reader: Reader = { device, stream, session: undefined, points: 0, frames: 0, events: 0 }
    if (this.#readers.size === 0)
      this.#undo = setRepeating(this.#clock, TICK_MS, () => this.#tick())
    this.#readers.add(reader)
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
    const { fleet, configuration } = this.#views
    const session = fleet.session(reader.device)
    // One who does not keep up misses what is not remembered any more, and no more than that.
    if (!session || !reader.stream.hasRoom) return
    const tell = (name: string, data: unknown) => reader.stream.send(eventText(name, data), now)
    if (session !== reader.session) {
      tell('device', deviceMessage(session, configuration))
      reader.session = session
      reader.points = reader.frames = reader.events = 0
    }
    const trail = this.#watch.trail(reader.device)
    if (!trail) return
    const { history, events, frameTotal } = trail
    // It is another trail, of which nothing has been told.
    if (frameTotal < reader.frames) reader.points = reader.frames = reader.events = 0
    if (history.total > reader.points) tell('points', history.since(reader.points))
    if (frameTotal > reader.frames) tell('frames', trail.framesSince(reader.frames))
    if (events.total > reader.events) tell('events', events.since(reader.events))
    reader.points = history.total
    reader.frames = frameTotal
    reader.events = events.total
  }
}
