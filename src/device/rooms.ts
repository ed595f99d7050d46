import { Buckets } from './buckets.js'
import { DueTimes } from './due-times.js'
import { type Packed, packedIn } from './packed-numbers.js'
import { Parcel, Words } from './parcel.js'
import type { Tenant } from './peer.js'
import type { DeviceProfile } from './profile.js'
import { DeviceRoom } from './room.js'
import type { SessionMemory } from './session-memory.js'
import { Shelf } from './shelf.js'
import type { Born, Ears, SessionPolicy } from './surroundings.js'

/** Fleets of so many devices have a room for each. */
const SMALL_FLEET = 1024
/**
 * So many devices of a larger one have a room at a time.
 *
 * measured: of 100 000 devices a frame each takes 5.3 µs with 128 rooms, which do not fit into a cache of a megabyte, and
 * 5.0 µs with 16.
 */
const FEW_ROOMS = 16

/** Who has a room, or wants one. */
export interface Occupant extends Tenant {
  readonly profile: DeviceProfile
  /** Whether its room may be given to another one, asked by who wants to; one that was used lately is spared once. */
  mayLeave(): boolean
  /** Gives its room back, all that is known laid on the shelf; undefined where it has none. */
  leave(): DeviceRoom | undefined
}

/** A device that may be saved while it goes on. */
export interface Subject extends Tenant {
  readonly profile: DeviceProfile
  readonly seat: number
  save(): SessionMemory
  /** Lays what is known of it on the shelf once more; returns where. */
  copy(): number
}

/** Who has to hear of a device before it changes, or goes. */
export interface Onlooker {
  before(subject: Subject): void
}

export interface RoomsOptions {
  readonly policy: SessionPolicy
  readonly epochBase?: number
  readonly most?: number | undefined
}

/** Rooms of one profile: one that is free, and what a new one holds. */
interface Floor {
  free: DeviceRoom | undefined
  /** What a room lays down that nobody has moved into. */
  readonly template: Packed
}

/**
 * The rooms of a fleet. A hundred thousand devices do not have one each: a room takes kilobytes, and what is to be known
 * of a device a few hundred bytes. Who has not been worked on for longest gives the room to whoever needs it.
 */
export class Rooms {
  readonly ears: Ears = { deafMs: 0 }
  /** What each may send now, by its seat. */
  readonly buckets: Buckets
  /** When time may change something of a device, by its seat. */
  readonly looks = new DueTimes()
  /** Those who look at the fleet as it was. */
  readonly onlookers: Onlooker[] = []
  readonly #options: RoomsOptions
  readonly #shelf = new Shelf()
  readonly #parcel: Parcel
  readonly #floors = new Map<DeviceProfile, Floor>()
  /** Who has a room, the longest first. */
  #tenants: Occupant[] = []
  #gone = 0
  #seats = 0
  readonly #freeSeats: number[] = []

  constructor(options: RoomsOptions) {
    this.#options = options
    this.buckets = new Buckets(options.policy.flood)
    this.#parcel = new Parcel(new Words())
  }

  /** A seat for one more device, which is to be looked at. */
  seat(): number {
    const seat = this.#freeSeats.pop() ?? this.#seats++
    this.looks.put(seat, Number.NEGATIVE_INFINITY)
    return seat
  }

  /** A room with all that is known of the device: what lies in its slot, or that of one that is new. */
  open(session: Occupant, slot: number | undefined, born: Born): DeviceRoom {
    const floor = this.#floorOf(session.profile)
    while (this.#tenants.length - this.#gone >= this.#most && this.#makeRoom()) {}
    this.#tenants.push(session)
    const reused = floor.free
    floor.free = undefined
    const room = reused ?? this.#build(session.profile)
    if (slot === undefined) {
      if (reused) this.#renew(reused, session, floor)
      room.begin(session, born)
      return room
    }
    this.#shelf.load(slot, this.#parcel)
    room.unpack(session, this.#parcel)
    return room
  }

  /** Lays what is known of a room's device on the shelf, in place of what lies in `slot`; returns where. */
  keep(room: DeviceRoom, slot: number | undefined): number {
    this.#parcel.clear()
    room.pack(this.#parcel)
    return this.#shelf.keep(this.#parcel, slot)
  }

  /** What is known of a device, as it lies in a slot: for who only wants to look. Nobody has to leave a room for it. */
  read(tenant: Tenant, profile: DeviceProfile, slot: number): SessionMemory {
    const floor = this.#floorOf(profile)
    floor.free ??= this.#build(profile)
    this.#shelf.load(slot, this.#parcel)
    floor.free.unpack(tenant, this.#parcel)
    return floor.free.save()
  }

  /** What lies in a slot is not needed any more. */
  discard(slot: number): void {
    this.#shelf.free(slot)
  }

  /** A device is gone: its seat, its room and what lies on the shelf are free for another. */
  vacate(seat: number, room: DeviceRoom | undefined, slot: number | undefined): void {
    this.looks.put(seat, Number.POSITIVE_INFINITY)
    this.buckets.clear(seat)
    this.#freeSeats.push(seat)
    if (room) this.#floorOf(room.profile).free = room
    if (slot !== undefined) this.#shelf.free(slot)
  }

  /** Forgets what rooms of all other profiles hold. */
  keepFloors(profiles: ReadonlySet<DeviceProfile>): void {
    for (const profile of this.#floors.keys())
      if (!profiles.has(profile)) this.#floors.delete(profile)
  }

  get #most(): number {
    const { most = this.#seats > SMALL_FLEET ? FEW_ROOMS : SMALL_FLEET } = this.#options
    return most
  }

  /** False where all rooms are being worked in: then there is one more. */
  #makeRoom(): boolean {
    // Each is spared once at most.
    for (let looks = 2 * this.#tenants.length; looks > 0; looks--) {
      const tenant = this.#firstTenant()
      if (!tenant?.mayLeave()) {
        if (tenant) this.#tenants.push(tenant)
        continue
      }
      const room = tenant.leave()
      if (room) this.#floorOf(room.profile).free = room
      return true
    }
    return false
  }

  #firstTenant(): Occupant | undefined {
    // Not at every call: what is cut is copied.
    if (this.#gone > this.#tenants.length / 2) {
      this.#tenants = this.#tenants.slice(this.#gone)
      this.#gone = 0
    }
    return this.#tenants[this.#gone++]
  }

  #renew(room: DeviceRoom, session: Occupant, { template }: Floor): void {
    this.#parcel.unpack(template, 0)
    room.unpack(session, this.#parcel)
  }

  #floorOf(profile: DeviceProfile): Floor {
    const known = this.#floors.get(profile)
    if (known) return known
    this.#parcel.clear()
    this.#build(profile).pack(this.#parcel)
    this.#parcel.pack()
    const template = packedIn(this.#parcel.copy())
    const floor = { free: undefined, template }
    this.#floors.set(profile, floor)
    return floor
  }

  #build(profile: DeviceProfile): DeviceRoom {
    const { policy, epochBase } = this.#options
    return new DeviceRoom(profile, policy, epochBase, this.ears)
  }
}
