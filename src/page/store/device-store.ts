import type {
  ChannelPoints,
  DeviceMessage,
  DeviceMessages,
  EventMessage,
  FrameMessage,
  PointsMessage,
} from '../../http/feed/messages.js'
import { Changes, type Schedule } from './changes.js'

const MOST_POINTS = 4000
const MOST_FRAMES = 200
const MOST_EVENTS = 200

/** Readings by column, as charts want them. */
export interface Points {
  readonly at: readonly number[]
  readonly epoch: readonly number[]
  readonly seq: readonly number[]
  readonly channels: readonly ChannelPoints[]
}

const NONE: Points = { at: [], epoch: [], seq: [], channels: [] }

/** All that is known of the device that is looked at. */
export class DeviceStore {
  device: DeviceMessage | undefined
  points: Points = NONE
  /** The oldest first. */
  frames: readonly FrameMessage[] = []
  /** The newest first. */
  events: readonly EventMessage[] = []
  readonly changes: Changes

  constructor(schedule: Schedule) {
    this.changes = new Changes(schedule)
  }

  take<Name extends keyof DeviceMessages>(name: Name, data: DeviceMessages[Name]): void {
    const message = { name, data } as Message
    switch (message.name) {
      case 'device':
        // The first of a feed: all of it is told once more.
        this.device = message.data
        this.points = NONE
        this.frames = []
        this.events = []
        break
      case 'points':
        this.points = joined(this.points, message.data)
        break
      case 'frames':
        this.frames = [...this.frames, ...message.data].slice(-MOST_FRAMES)
        break
      case 'events':
        this.events = [...message.data.toReversed(), ...this.events].slice(0, MOST_EVENTS)
    }
    this.changes.note()
  }
}

type Message = {
  [Name in keyof DeviceMessages]: { readonly name: Name; readonly data: DeviceMessages[Name] }
}[keyof DeviceMessages]

/** The points with the new ones after them; the oldest make room. */
export function joined(before: Points, { at, epoch, seq, channels }: PointsMessage): Points {
  if (before === NONE || before.at.length === 0) return { at, epoch, seq, channels }
  const join = <T>(a: readonly T[], b: readonly T[]) => [...a, ...b].slice(-MOST_POINTS)
  return {
    at: join(before.at, at),
    epoch: join(before.epoch, epoch),
    seq: join(before.seq, seq),
    channels: channels.map(({ values, bounds, qualities }, i) => {
      const old = before.channels[i]
      return {
        values: join(old?.values ?? [], values),
        bounds: join(old?.bounds ?? [], bounds),
        qualities: ((old?.qualities ?? '') + qualities).slice(-MOST_POINTS),
      }
    }),
  }
}
