import type { Frame } from '../framing/index.js'
import type { Absence } from '../resilience/index.js'
import type { DeviceEvent } from './event.js'
import type { Peer } from './peer.js'
import type { DeviceProfile } from './profile.js'
import type { GoOn } from './reorder-window.js'
import type { DeviceRoom } from './room.js'
import { type Occupant, Rooms, type Subject } from './rooms.js'
import type { SessionMemory } from './session-memory.js'
import type { DeviceStatus } from './status.js'
import type { DeviceStream } from './stream.js'
import type { Born, Moment, SessionPolicy, Surroundings } from './surroundings.js'
import type { Verdict } from './verdict.js'

/**
 * One device: every frame of it goes through here, and everything that is said of it comes from here. The work is done
 * in a room, which it may have only while it is worked on.
 */
export class DeviceSession implements Occupant, Subject {
  readonly id: string
  readonly profile: DeviceProfile
  /** Its place in the columns of whoever keeps a number for each device. */
  readonly seat: number
  /** Its place among the others of its model, where they are held against each other. */
  readonly peer: Peer | undefined
  readonly #rooms: Rooms
  readonly #born: Born
  #room: DeviceRoom | undefined
  /** Where on the shelf lies what is known of it; undefined where nothing is. */
  #slot: number | undefined
  /** What lies there is not true any more. */
  #changed = false
  /** Its room is worked in just now. */
  #busy = 0
  #held = 0
  /** Since its room was to be given to somebody else last. */
  #usedLately = false

  /** Without `rooms` it has one of its own for good. */
  constructor(
    id: string,
    profile: DeviceProfile,
    policy: SessionPolicy,
    born: Born,
    rooms = new Rooms({ policy, epochBase: born.epochBase ?? 0, most: 1 }),
    peer?: Peer,
  ) {
    this.id = id
    this.profile = profile
    this.#rooms = rooms
    this.#born = born
    this.seat = rooms.seat()
    this.peer = peer
  }

  /** What is known of its frames; whoever has it may change it, and has it until another device is worked on. */
  get stream(): DeviceStream {
    return this.#work().stream
  }

  /** The door of its last frame; empty before the first. */
  get source(): string {
    return this.#look().source
  }

  get ttlMs(): number {
    return this.#look().ttlMs
  }

  /** Whether no frame may come in now but one that was kept for us. */
  isOverdrawn(mono: number): boolean {
    return this.#rooms.buckets.isEmpty(this.seat, mono)
  }

  /** Whether one more frame may come in now; takes it out of the device's budget. */
  admits(frame: Pick<Frame, 'mono'>, absence?: Absence): boolean {
    if (this.#rooms.buckets.take(this.seat, frame.mono)) return true
    return absence !== undefined && this.#work().admitsAfter(absence, frame)
  }

  /** Frames that came too early and are held for their turn. */
  get held(): number {
    return this.#held
  }

  /** Puts a frame in order, by its door's reorder window; `go` hears of each whose turn it is, this one or others. */
  order(frame: Frame, window: number, go: GoOn): void {
    this.#hold((room) => room.order(frame, window, go))
  }

  /** The time of what is held may be over; every frame that came before `until` must have been put in order. */
  release(until: number, go: GoOn): void {
    this.#hold((room) => room.release(until, go))
  }

  /** A frame that is held came once more. */
  repeat(frame: Frame): Verdict {
    return this.#work().repeat(frame)
  }

  /** Counts a frame of so many bytes that was not let in. */
  turnAway(length: number, mono: number): void {
    this.#work().turnAway(length, mono)
  }

  /**
   * Decides what becomes of one frame that was let in; never throws on account of its content. A function of the
   * device's frames and their times alone, but for the events that tell of its peers: only of frames that are handled
   * when they come (`inTurn`), so that these are a function of all devices' frames in their order.
   */
  accept(frame: Frame, inTurn = true): Verdict {
    return this.#work().accept(frame, inTurn)
  }

  /** An exception escaped while this frame was handled: the circuit opens, other devices go on. */
  fail(frame: Frame, message: string): Verdict {
    return this.#work().fail(frame, message)
  }

  /** Looks at all that time changes: silence, circuit, health. Returns what happened. */
  sweep(around: Surroundings): readonly DeviceEvent[] {
    this.#rooms.ears.deafMs += around.deafMs ?? 0
    const room = this.#work()
    const events = room.sweep(around)
    this.#rooms.looks.put(this.seat, room.lookAt)
    return events
  }

  /** A keyframe request has left for the device. */
  resyncSent(wall: number, reason: string): DeviceEvent {
    return this.#work().resyncSent(wall, reason)
  }

  /** Resets, opens or closes the circuit by hand. */
  command(type: 'reset' | 'force-open' | 'force-closed', at: Moment): readonly DeviceEvent[] {
    return this.#work().command(type, at)
  }

  save(): SessionMemory {
    // Whoever saves a fleet needs no room for each of its devices.
    if (!this.#room && this.#slot !== undefined)
      return this.#rooms.read(this, this.profile, this.#slot)
    return this.#look().save()
  }

  /** Lays what is known of it on the shelf once more; returns where. */
  copy(): number {
    return this.#rooms.keep(this.#look(), undefined)
  }

  /** Goes on where `save` stood; false where the memory is of another model. */
  restore(memory: SessionMemory): boolean {
    const room = this.#work()
    const restored = room.restore(memory)
    this.#held = room.held
    return restored
  }

  status(): DeviceStatus {
    return this.#look().status()
  }

  mayLeave(): boolean {
    if (this.#busy > 0) return false
    const isSpared = this.#usedLately
    this.#usedLately = false
    return !isSpared
  }

  leave(): DeviceRoom | undefined {
    const room = this.#room
    if (room && this.#changed) this.#slot = this.#rooms.keep(room, this.#slot)
    this.#changed = false
    this.#room = undefined
    return room
  }

  /** The device is gone, with all that was known of it: nothing is asked of it any more. */
  vacate(): void {
    for (const onlooker of this.#rooms.onlookers) onlooker.before(this)
    this.peer?.leave()
    this.#rooms.vacate(this.seat, this.#room, this.#slot)
    this.#room = undefined
    this.#slot = undefined
    this.#changed = false
  }

  #look(): DeviceRoom {
    this.#usedLately = true
    this.#room ??= this.#rooms.open(this, this.#slot, this.#born)
    return this.#room
  }

  /** The room, to change something in it. */
  #work(): DeviceRoom {
    if (this.#rooms.onlookers.length > 0)
      for (const onlooker of this.#rooms.onlookers) onlooker.before(this)
    this.#changed = true
    this.#rooms.looks.put(this.seat, Number.NEGATIVE_INFINITY)
    return this.#look()
  }

  /** For work in the midst of which others may want a room. */
  #hold(work: (room: DeviceRoom) => void): void {
    const room = this.#work()
    this.#busy++
    try {
      work(room)
    } finally {
      this.#busy--
      this.#held = room.held
    }
  }
}
