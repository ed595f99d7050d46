import type { ServerResponse } from 'node:http'
import { type Clock, setRepeating, type Undo } from '../../clock.js'
import type { Views } from '../views.js'
import { bridgeMessage, deviceRow, systemMessage } from './describe.js'
import { EventStream, eventText } from './event-stream.js'
import type { DeviceRow } from './messages.js'
import type { Watch } from './watch.js'

/** What is new is told so often: at most four times a second of one device. */
export const TICK_MS = 250
/** Rows that one tick tells of, whatever happens; what is left waits its turn. */
const ROWS_A_TICK = 1000
/** Rows of one message to a reader that has just come. */
const ROWS_A_CHUNK = 250
const CHUNKS_A_TICK = 8
const EVENTS_A_TICK = 100
const EVENTS_AT_FIRST = 200

interface Reader {
  readonly stream: EventStream
  /** Devices that it has not been told of yet. */
  readonly untold: IterableIterator<string>
  isReady: boolean
}

/** The whole fleet to whoever looks: all of it first, then what is new, worded once for all readers. */
export class FleetFeed {
  readonly #views: Views
  readonly #watch: Watch
  readonly #clock: Clock
  readonly #guarded: boolean
  readonly #readers = new Set<Reader>()
  /** What a device's state was when it was last told of: what no event tells is found by comparison. */
  readonly #told = new Map<string, string>()
  #undo: Undo = () => {}
  #eventsTold = 0
  #reportsTold = 0
  #bridgeTold = ''
  #hasChanged = false

  constructor(views: Views, watch: Watch, clock: Clock, guarded: boolean) {
    this.#views = views
    this.#watch = watch
    this.#clock = clock
    this.#guarded = guarded
  }

  get readers(): number {
    return this.#readers.size
  }

  /** Takes over the response, until either side closes it. */
  join(response: ServerResponse): void {
    const now = this.#clock.mono()
    const stream = new EventStream(response, now, () => this.#leave(reader))
    const ids = Array.from(this.#views.fleet.sessions(), ({ id }) => id)
    const reader: Reader = { stream, untold: ids.values(), isReady: false }
    if (this.#readers.size === 0) this.#begin()
    this.#readers.add(reader)
    stream.send(eventText('bridge', bridgeMessage(this.#views, this.#guarded)), now)
    stream.send(this.#systemText(), now)
    const { events } = this.#watch
    stream.send(eventText('events', events.since(this.#eventsTold - EVENTS_AT_FIRST)), now)
    this.#tellRest(reader, now)
  }

  /** Something was done, and devices may have come or gone: it is told soon, not with the next report. */
  changed(): void {
    this.#hasChanged = true
  }

  /** Sends everybody away. */
  close(): void {
    for (const { stream } of this.#readers) stream.end()
  }

  #begin(): void {
    this.#watch.collect(true)
    this.#eventsTold = this.#watch.events.total
    this.#reportsTold = this.#watch.reports
    this.#bridgeTold = eventText('bridge', bridgeMessage(this.#views, this.#guarded))
    this.#undo = setRepeating(this.#clock, TICK_MS, () => this.#tick())
  }

  #leave(reader: Reader): void {
    this.#readers.delete(reader)
    if (this.#readers.size > 0) return
    this.#undo()
    this.#watch.collect(false)
    this.#told.clear()
  }

  #tick(): void {
    const now = this.#clock.mono()
    const news = this.#news()
    for (const reader of this.#readers) {
      for (const text of news) reader.stream.send(text, now)
      this.#tellRest(reader, now)
      reader.stream.beat(now)
    }
  }

  #news(): string[] {
    const { events, reports } = this.#watch
    const texts: string[] = []
    if (reports !== this.#reportsTold || this.#hasChanged) {
      this.#hasChanged = false
      this.#reportsTold = reports
      texts.push(...this.#bridgeNews(), this.#systemText(), ...this.#compare())
    }
    const rows = this.#rows(this.#watch.takeNews(ROWS_A_TICK))
    if (rows.length > 0) texts.push(eventText('rows', rows))
    const fresh = events.since(Math.max(this.#eventsTold, events.total - EVENTS_A_TICK))
    this.#eventsTold = events.total
    if (fresh.length > 0) texts.push(eventText('events', fresh))
    return texts
  }

  #bridgeNews(): string[] {
    const text = eventText('bridge', bridgeMessage(this.#views, this.#guarded))
    if (text === this.#bridgeTold) return []
    this.#bridgeTold = text
    return [text]
  }

  #systemText(): string {
    const { report } = this.#watch
    return eventText('system', systemMessage(this.#views, report, this.#clock.wall()))
  }

  /** Finds devices that are not as they were told, or not there any more. */
  #compare(): string[] {
    const { fleet } = this.#views
    for (const session of fleet.sessions()) {
      const told = this.#told.get(session.id)
      if (told !== stateOf(session.status())) this.#watch.touch(session.id)
    }
    const removed = [...this.#told.keys()].filter((id) => !fleet.session(id))
    for (const id of removed) this.#told.delete(id)
    for (const id of [...this.#watch.known()]) if (!fleet.session(id)) this.#watch.forget(id)
    return removed.length > 0 ? [eventText('removed', removed)] : []
  }

  /** Tells one who has come lately of more devices, as far as it keeps up. */
  #tellRest(reader: Reader, now: number): void {
    const { stream } = reader
    for (let chunk = 0; chunk < CHUNKS_A_TICK && !reader.isReady && stream.hasRoom; chunk++) {
      const ids: string[] = []
      while (ids.length < ROWS_A_CHUNK) {
        const next = reader.untold.next()
        if (next.done) break
        ids.push(next.value)
      }
      if (ids.length > 0) stream.send(eventText('rows', this.#rows(ids)), now)
      if (ids.length === ROWS_A_CHUNK) continue
      reader.isReady = true
      stream.send(eventText('ready', { devices: this.#views.fleet.size }), now)
    }
  }

  #rows(ids: readonly string[]): DeviceRow[] {
    const { fleet, configuration } = this.#views
    const rows: DeviceRow[] = []
    for (const id of ids) {
      const session = fleet.session(id)
      if (!session) continue
      const row = deviceRow(session, this.#watch.trail(id), configuration)
      this.#told.set(id, stateOf(row))
      rows.push(row)
    }
    return rows
  }
}

type State = Pick<DeviceRow, 'health' | 'circuit' | 'sync' | 'online' | 'message'>

const stateOf = ({ health, circuit, sync, online, message }: State): string =>
  `${health} ${circuit} ${sync} ${online} ${message}`
