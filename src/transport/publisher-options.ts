import type { Clock, Undo } from '../clock.js'
import type { Publication } from '../outputs/publication.js'
import type { GoneReason } from './publication-queue.js'
import type { WindowLink } from './publish-window.js'
import type { SourceState } from './source.js'

/** What a publisher needs of a link to a broker. */
export interface OutputLink extends WindowLink {
  readonly state: SourceState
  /** So many messages it passes on to a broker that has not acknowledged them; absent: any number. */
  readonly mostUnacknowledged?: number
  onState(listener: (state: SourceState) => void): Undo
  start(): void
  stop(): Promise<void>
  /** Tries to connect again at once, where it waits to. */
  hasten?(): void
}

export interface PublisherOptions {
  readonly link: OutputLink
  readonly clock: Clock
  /** Where we say that we are there; the link's last will names the same topic and the same `offline`. */
  readonly state: { readonly topic: string; readonly online: string; readonly offline: string }
  /**
   * Everything that the broker has to hold, as it is now: walked through at every connect, before `online`. Behind the first
   * `limits.birthAheadBytes` it shares the way with what else is to leave.
   */
  readonly retained: () => Iterable<Publication>
  /** Awaited before each birth, as long as `limits.beforeBirthMs` allows. */
  readonly beforeBirth?: () => Promise<void>
  /** Everything has been said, at every connect. */
  readonly onBorn?: (() => void) | undefined
  /** There is room again after there was none, of one kind or the other. */
  readonly onRoom?: () => void
  /**
   * The connection is lost, and with it every publication that somebody waits for: it is to be published again. Without
   * a listener they are kept here.
   */
  readonly onLost?: () => void
  /** A publication was given up, because the broker refuses it or closes the connection whenever it gets it. */
  readonly onPoison?: (publication: Publication, reason: string) => void
  readonly limits?: Partial<PublisherLimits>
}

export interface PublisherLimits {
  /** Bytes that may wait, payloads, topics and bookkeeping. */
  readonly queueBytes: number
  /** There is room for more of what can wait elsewhere where less than this waits here … */
  readonly roomBytes: number
  /** … and fewer than these … */
  readonly fewMessages: number
  /**
   * … or up to these, while what waits leaves within `quickMs`: as many as a group of the journal brings at full speed, for
   * what finds no room is decoded a second time. Behind a slow broker they would be old when they left.
   */
  readonly roomMessages: number
  readonly quickMs: number
  /** Publications handed to the broker that it has not acknowledged; fewer where it lets fewer wait. */
  readonly window: number
  /** The same during a birth, so that a big one does not overrun the broker's queues for its subscribers. */
  readonly birthWindow: number
  /** No more of it is on its way where that is so many bytes: what else is to leave shall not wait for long. */
  readonly birthWindowBytes: number
  /** So many bytes of a birth leave before anything else: all of it, where there are few devices. */
  readonly birthAheadBytes: number
  /** An acknowledgement that takes longer ends the connection. */
  readonly deadlineMs: number
  readonly beforeBirthMs: number
  /** Longest time that `stop` waits for what is still to be sent and acknowledged. */
  readonly stopMs: number
}

export const defaultPublisherLimits: PublisherLimits = Object.freeze({
  queueBytes: 16 * 1024 * 1024,
  roomBytes: 2 * 1024 * 1024,
  fewMessages: 512,
  roomMessages: 4096,
  quickMs: 1000,
  window: 256,
  birthWindow: 32,
  birthWindowBytes: 128 * 1024,
  birthAheadBytes: 1024 * 1024,
  deadlineMs: 20_000,
  beforeBirthMs: 5000,
  stopMs: 2000,
})

/** From here on what finds no room costs more than the room: it is decoded again by another fleet of as many devices. */
const LARGE_FLEET = 10_000

/** What may wait for the broker, all in all and with so many devices: of a large fleet more, and longer. */
export function limitsOf(queueBytes: number, devices: number): Partial<PublisherLimits> {
  const { roomBytes, roomMessages, quickMs } = defaultPublisherLimits
  const times = Math.max(1, devices / LARGE_FLEET)
  return {
    queueBytes,
    roomBytes: Math.min(roomBytes * times, Math.max(roomBytes, queueBytes / 2)),
    roomMessages: roomMessages * times,
    quickMs: quickMs * times,
  }
}

export type DropReason =
  | Exclude<GoneReason, 'superseded'>
  | 'illegal-topic'
  | 'refused'
  | 'poison'
  | 'stopped'

/** Every submitted publication is acknowledged, superseded, dropped with a reason, waiting or on its way. */
export interface PublisherCounters {
  /** Given to `publish` or said by a birth. */
  readonly submitted: number
  /** Handed to the broker, repetitions included. */
  readonly published: number
  readonly acknowledged: number
  /** Replaced before the broker had them by something newer: the same topic again, or the next birth. */
  readonly superseded: number
  readonly dropped: Readonly<Record<string, number>>
  /** Given back when a connection was lost or at the end, to be published again by who waits for them. */
  readonly givenBack: number
  readonly queuedMessages: number
  readonly queuedBytes: number
  /** Handed over and not acknowledged. */
  readonly inFlight: number
  /** Births brought to their end: one per connection that lived long enough. */
  readonly births: number
  readonly connectionsLost: number
}

export const noCounts = () => ({
  submitted: 0,
  published: 0,
  acknowledged: 0,
  superseded: 0,
  givenBack: 0,
  births: 0,
  connectionsLost: 0,
})
