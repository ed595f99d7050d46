import type { DeviceEvent } from './event.js'
import { PeerSeat } from './peer-seat.js'
import { GREATEST_MARK, PeerSums } from './peer-sums.js'
import type { DeviceProfile, PeerPolicy } from './profile.js'
import type { ReadingsVerdict } from './verdict.js'

/** Marks are means in this share of a channel's step. */
const STEP_SHARE = 8
/** Who has left is back only when it is this much closer: nobody shall come and go at the limit. */
const BACK = 2 / 3
const SECOND_MS = 1000

interface Channel {
  readonly name: string
  /** What a mark of 1 stands for. */
  readonly unit: number
  /** The square of a step, in marks: sensors cannot tell devices apart that are closer together. */
  readonly leastVariance: number
  readonly sums: PeerSums
}

/**
 * The devices of one model, held against each other: one has left its peers when its mean lies further from the mean of
 * the others' means than so many standard deviations of these. It is a mean that is compared, not a single value: noise,
 * and what happens to all of them at once, then move both sides alike.
 *
 * What it says is a function of the frames in their order, and of nothing else: that somebody is silent is told by the
 * frames of the others.
 */
export class PeerGroup {
  readonly #policy: PeerPolicy
  readonly #channels: readonly Channel[]
  readonly #seats = new Set<PeerSeat>()
  /** No seat's time is over before this second. */
  #nextOut = Number.POSITIVE_INFINITY

  constructor(profile: DeviceProfile, policy: PeerPolicy) {
    this.#policy = policy
    this.#channels = profile.names.map((name, index) => channelOf(profile, name, index))
  }

  /** A place for one more device. */
  join(): PeerSeat {
    return new PeerSeat(this.#channels.length)
  }

  /** The device is gone, or was silent for too long. */
  leave(seat: PeerSeat): void {
    this.#seats.delete(seat)
    this.#channels.forEach((channel, index) => {
      withdraw(seat, index, channel)
    })
    seat.forgetMeans()
  }

  /** The channels on which a device has left its peers. */
  apart(seat: PeerSeat): readonly string[] {
    return this.#channels.flatMap(({ name }, index) => (seat.isApart(index) ? [name] : []))
  }

  /** Puts a device where `save` of its seat left it. */
  restore(seat: PeerSeat, saved: readonly number[]): void {
    this.leave(seat)
    if (!seat.restore(saved)) return
    this.#enter(seat)
    this.#channels.forEach((channel, index) => {
      enlist(seat, index, channel)
    })
  }

  /** Takes a frame's good readings; `ttlMs` is the longest silence after it that is no absence. */
  hear(
    seat: PeerSeat,
    { channels, frame }: ReadingsVerdict,
    ttlMs: number,
  ): readonly DeviceEvent[] {
    const now = Math.floor(frame.mono / SECOND_MS)
    if (now > this.#nextOut) this.#letGo(now)
    seat.until = Math.ceil((frame.mono + ttlMs) / SECOND_MS)
    this.#enter(seat)
    let events = NOTHING
    for (let i = 0; i < channels.length; i++) {
      const { name, value, quality } = channels[i]!
      if (quality !== 'good') continue
      // In compact frames every channel stands in its place.
      const index = this.#channels[i]?.name === name ? i : this.#indexOf(name)
      const channel = this.#channels[index]
      if (!channel) continue
      withdraw(seat, index, channel)
      const before = seat.mean(index)
      seat.take(index, value)
      const event = this.#judge(seat, index, channel, before, frame.wall)
      if (event) events = [...events, event]
      enlist(seat, index, channel)
    }
    return events
  }

  /** Whether the device has left the others, among whose sums it is not now, or has come back. */
  #judge(
    seat: PeerSeat,
    index: number,
    { name, unit, leastVariance, sums }: Channel,
    before: number,
    wall: number,
  ): DeviceEvent | undefined {
    // Where too few are there nobody knows better than before.
    if (Number.isNaN(before) || sums.count + 1 < this.#policy.minimum) return undefined
    const mean = seat.mean(index)
    const apart = seat.isApart(index)
    const variance = Math.max(sums.variance, leastVariance)
    const limit = this.#policy.deviations * (apart ? BACK : 1) * Math.sqrt(variance)
    // The others have each sent what corresponds to this reading, or not yet: it has to be outside with it and without.
    const least = sums.mean - limit
    const most = sums.mean + limit
    const outside = Math.min(mean, before) / unit > most || Math.max(mean, before) / unit < least
    if (outside === apart) return undefined
    seat.setApart(index, outside)
    return {
      wall,
      severity: outside ? 'warning' : 'info',
      type: outside ? 'left_peers' : 'rejoined_peers',
      channel: name,
      mean: forPeople(mean),
      peersMean: forPeople(sums.mean * unit),
      deviation: forPeople(Math.sqrt(variance) * unit),
      peers: sums.count,
    }
  }

  #enter(seat: PeerSeat): void {
    this.#seats.add(seat)
    this.#nextOut = Math.min(this.#nextOut, seat.until)
  }

  #letGo(now: number): void {
    this.#nextOut = Number.POSITIVE_INFINITY
    for (const seat of this.#seats) {
      if (seat.until < now) this.leave(seat)
      else this.#nextOut = Math.min(this.#nextOut, seat.until)
    }
  }

  #indexOf(name: string): number {
    return this.#channels.findIndex((channel) => channel.name === name)
  }
}

const NOTHING: readonly DeviceEvent[] = Object.freeze([])

function channelOf(profile: DeviceProfile, name: string, index: number): Channel {
  const { min = 0, max = 0, resolution } = profile.decoder.channels[index]?.declared ?? {}
  const step = resolution?.step ?? (2 * profile.tolerances[index]! || 1 / profile.spec.scale)
  // All that the sensor can read has to have a mark; where nothing is declared, very large values have none.
  const reach = Math.max(Math.abs(min), Math.abs(max))
  const widest = Number.isFinite(reach) ? reach / GREATEST_MARK : 0
  const unit = Math.max(step / STEP_SHARE, widest)
  return { name, unit, leastVariance: (step / unit) ** 2, sums: new PeerSums() }
}

function enlist(seat: PeerSeat, index: number, { sums, unit }: Channel): void {
  const mark = Math.round(seat.mean(index) / unit)
  if (!(Math.abs(mark) <= GREATEST_MARK)) return
  seat.marks[index] = mark
  sums.add(mark)
}

function withdraw(seat: PeerSeat, index: number, { sums }: Channel): void {
  const mark = seat.marks[index]!
  if (Number.isNaN(mark)) return
  seat.marks[index] = Number.NaN
  sums.remove(mark)
}

const forPeople = (value: number): number => Number(value.toPrecision(6))
