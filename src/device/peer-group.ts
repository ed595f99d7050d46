import type { DeviceEvent } from './event.js'
import { PeerSeats } from './peer-seats.js'
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
  readonly #seats: PeerSeats
  /** No seat's time is over before this second. */
  #nextOut = Number.POSITIVE_INFINITY

  constructor(profile: DeviceProfile, policy: PeerPolicy) {
    this.#policy = policy
    this.#seats = new PeerSeats(profile.names.length)
    this.#channels = profile.names.map((name, index) => channelOf(profile, name, index))
  }

  /** A seat for one more device. */
  join(): number {
    return this.#seats.take()
  }

  /** The device is gone for good, and its seat with it. */
  leave(seat: number): void {
    this.#silence(seat)
    this.#seats.giveBack(seat)
  }

  isApart(seat: number): boolean {
    return this.#channels.some((_channel, index) => this.#seats.isApart(seat, index))
  }

  /** The channels on which a device has left its peers. */
  apart(seat: number): readonly string[] {
    return this.#channels.flatMap(({ name }, index) =>
      this.#seats.isApart(seat, index) ? [name] : [],
    )
  }

  save(seat: number): readonly number[] {
    return this.#seats.save(seat)
  }

  /** Puts a device that has just joined where `save` of its seat left it. */
  restore(seat: number, saved: readonly number[]): void {
    const until = this.#seats.restore(seat, saved)
    if (until === undefined) return
    this.#enter(seat, until)
    for (let index = 0; index < this.#channels.length; index++) this.#enlist(seat, index)
  }

  /** Takes a frame's good readings; `ttlMs` is the longest silence after it that is no absence. */
  hear(seat: number, { channels, frame }: ReadingsVerdict, ttlMs: number): readonly DeviceEvent[] {
    const now = Math.floor(frame.mono / SECOND_MS)
    if (now > this.#nextOut) this.#letGo(now)
    this.#enter(seat, Math.ceil((frame.mono + ttlMs) / SECOND_MS))
    let events = NOTHING
    for (let i = 0; i < channels.length; i++) {
      const { name, value, quality } = channels[i]!
      if (quality !== 'good') continue
      // In compact frames every channel stands in its place.
      const index = this.#channels[i]?.name === name ? i : this.#indexOf(name)
      const channel = this.#channels[index]
      if (!channel) continue
      this.#withdraw(seat, index)
      const before = this.#seats.mean(seat, index)
      this.#seats.add(seat, index, value)
      const event = this.#judge(seat, index, channel, before, frame.wall)
      if (event) events = [...events, event]
      this.#enlist(seat, index)
    }
    return events
  }

  /** Whether the device has left the others, among whose sums it is not now, or has come back. */
  #judge(
    seat: number,
    index: number,
    { name, unit, leastVariance, sums }: Channel,
    before: number,
    wall: number,
  ): DeviceEvent | undefined {
    // Where too few are there nobody knows better than before.
    if (Number.isNaN(before) || sums.count + 1 < this.#policy.minimum) return undefined
    const mean = this.#seats.mean(seat, index)
    const apart = this.#seats.isApart(seat, index)
    const variance = Math.max(sums.variance, leastVariance)
    const limit = this.#policy.deviations * (apart ? BACK : 1) * Math.sqrt(variance)
    // The others have each sent what corresponds to this reading, or not yet: it has to be outside with it and without.
    const least = sums.mean - limit
    const most = sums.mean + limit
    const outside = Math.min(mean, before) / unit > most || Math.max(mean, before) / unit < least
    if (outside === apart) return undefined
    this.#seats.setApart(seat, index, outside)
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

  #enter(seat: number, until: number): void {
    this.#seats.come(seat, until)
    this.#nextOut = Math.min(this.#nextOut, until)
  }

  #letGo(now: number): void {
    this.#nextOut = Number.POSITIVE_INFINITY
    for (const [seat, until] of this.#seats.present()) {
      if (until < now) this.#silence(seat)
      else this.#nextOut = Math.min(this.#nextOut, until)
    }
  }

  /** The device does not count until it is heard again. */
  #silence(seat: number): void {
    for (let index = 0; index < this.#channels.length; index++) this.#withdraw(seat, index)
    this.#seats.go(seat)
    this.#seats.forgetMeans(seat)
  }

  #enlist(seat: number, index: number): void {
    const { sums, unit } = this.#channels[index]!
    const mark = Math.round(this.#seats.mean(seat, index) / unit)
    if (!(Math.abs(mark) <= GREATEST_MARK)) return
    this.#seats.setMark(seat, index, mark)
    sums.add(mark)
  }

  #withdraw(seat: number, index: number): void {
    const mark = this.#seats.mark(seat, index)
    if (Number.isNaN(mark)) return
    this.#seats.setMark(seat, index, Number.NaN)
    this.#channels[index]!.sums.remove(mark)
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

const forPeople = (value: number): number => Number(value.toPrecision(6))
