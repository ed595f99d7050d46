import type { BrokerDoor } from '../../src/transport/broker-port.js'
import { changed, type Publish } from './planted-bugs.js'
import { TRIES } from './refusals.js'
import { compareKeys, readingsIn } from './subscriber.js'

type Key = readonly [epoch: number, seq: number]

/** What a client knows of a device's readings on one connection. */
interface Course {
  /** How often the broker has refused what it has not taken, by name. */
  readonly counts: Map<string, number>
  /** What of that is to keep its place. */
  readonly refused: Map<string, Key>
  /** The bridge heard of the first of them then. */
  since: number
  /** The last one that had an answer was refused for good. */
  isHopeless: boolean
}

/** Nobody waits longer for what was refused. */
const MOST_MS = 3000

/**
 * A door at which nothing leaves that overtakes a reading of its device which the client knows to be refused (I4). What had
 * left before it could know comes ahead of that; a device of which nothing passes has no order to keep.
 */
export const watched = (
  door: BrokerDoor,
  now: () => number,
  violated: (what: string) => void,
): BrokerDoor => changed(door, (publish) => watching(publish, now, violated))

function watching(publish: Publish, now: () => number, violated: (what: string) => void): Publish {
  const courses = new Map<string, Course>()
  return (message, done) => {
    const readings = readingsIn(message)
    if (!readings) {
      publish(message, done)
      return
    }
    const { device, document } = readings
    const key: Key = [document.epoch, document.seq]
    const name = key.join('/')
    const course = courses.get(device) ?? {
      counts: new Map(),
      refused: new Map(),
      since: 0,
      isHopeless: false,
    }
    courses.set(device, course)
    if (now() - course.since >= MOST_MS) course.refused.clear()
    for (const [other, refused] of course.refused)
      if (compareKeys(refused, key) < 0)
        violated(`I4: ${device}/${name} leaves while ${other} is to come again`)
    publish(message, (error) => {
      answered(course, name, key, error !== undefined, now())
      done(error)
    })
  }
}

function answered(course: Course, name: string, key: Key, isRefused: boolean, now: number): void {
  const { counts, refused } = course
  const count = (counts.get(name) ?? 0) + 1
  counts.set(name, count)
  if (!isRefused) {
    counts.delete(name)
    refused.delete(name)
    course.isHopeless = false
  } else if (count >= TRIES) {
    counts.delete(name)
    refused.clear()
    course.isHopeless = true
  } else if (!course.isHopeless) {
    if (refused.size === 0) course.since = now
    refused.set(name, key)
  }
}
