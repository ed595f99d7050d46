import type {
  BridgeMessage,
  DeviceRow,
  EventMessage,
  FleetMessages,
  SystemMessage,
} from '../../http/feed/messages.js'
import type { Acting } from '../../http/routes/requests.js'
import { Changes, type Schedule } from './changes.js'

/** `lost`: what is shown is as old as the loss; it is tried again. */
export type Link = 'connecting' | 'live' | 'lost'

const MOST_EVENTS = 400

/** All that is known of the bridge and its fleet, as its feed tells it. */
export class FleetStore {
  readonly rows = new Map<string, DeviceRow>()
  /** The newest first. */
  events: readonly EventMessage[] = []
  bridge: BridgeMessage | undefined
  system: SystemMessage | undefined
  /** The one before, for rates. */
  systemBefore: SystemMessage | undefined
  link: Link = 'connecting'
  /** Whether whoever looks may have something done; undefined before that is known. */
  acting: Acting | undefined
  /** All devices have been told. */
  isReady = false
  /** What the bridge's clock is ahead of ours, in milliseconds. */
  clockAhead = 0
  readonly changes: Changes
  readonly #now: () => number
  #told = new Set<string>()

  constructor(schedule: Schedule, now: () => number) {
    this.changes = new Changes(schedule)
    this.#now = now
  }

  /** By the bridge's clock, Unix milliseconds. */
  get now(): number {
    return this.#now() + this.clockAhead
  }

  setLink(link: Link): void {
    this.link = link
    this.changes.note()
  }

  setActing(acting: Acting): void {
    this.acting = acting
    this.changes.note()
  }

  /** The feed begins anew: it tells of all devices once more. */
  begin(): void {
    this.#told = new Set()
    this.isReady = false
    this.events = []
    this.setLink('live')
  }

  take<Name extends keyof FleetMessages>(name: Name, data: FleetMessages[Name]): void {
    const message = { name, data } as Message
    switch (message.name) {
      case 'bridge':
        this.bridge = message.data
        break
      case 'rows':
        for (const row of message.data) {
          this.rows.set(row.id, row)
          this.#told.add(row.id)
        }
        break
      case 'removed':
        for (const id of message.data) this.rows.delete(id)
        break
      case 'ready':
        // Whoever was not told of is not there any more.
        for (const id of [...this.rows.keys()]) if (!this.#told.has(id)) this.rows.delete(id)
        this.isReady = true
        break
      case 'events':
        this.events = [...message.data.toReversed(), ...this.events].slice(0, MOST_EVENTS)
        break
      case 'system':
        this.systemBefore = this.system
        this.system = message.data
        this.clockAhead = message.data.at - this.#now()
    }
    this.changes.note()
  }
}

type Message = {
  [Name in keyof FleetMessages]: { readonly name: Name; readonly data: FleetMessages[Name] }
}[keyof FleetMessages]
