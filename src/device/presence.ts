import type { Frame } from '../framing/index.js'
import type { Parcel } from './parcel.js'
import type { Ears } from './surroundings.js'

/** When and by which door a device was heard last. */
export class Presence {
  readonly #ears: Ears
  lastMono = 0
  /** Null where nothing was heard yet. */
  lastWall: number | null = null
  /** The door's id; empty before the first frame. */
  source = ''
  /** Heard within its ttl, as of the last look. */
  online = false
  /** A checksum vouched for the bytes. */
  isVouched = true
  /** What nobody could hear in all by then. */
  #deafAtMs = 0

  constructor(ears: Ears) {
    this.#ears = ears
  }

  /** Nothing was heard before this time. */
  begin(mono: number): void {
    this.lastMono = mono
    this.#deafAtMs = this.#ears.deafMs
  }

  /** A frame has come. */
  hear({ mono, wall, source, integrity }: Frame): void {
    this.online = true
    this.lastMono = mono
    this.#deafAtMs = this.#ears.deafMs
    this.lastWall = wall
    this.source = source
    this.isVouched = integrity !== 'none'
  }

  /** How long it could have been heard and was not. */
  silentMs(mono: number): number {
    return mono - this.lastMono - (this.#ears.deafMs - this.#deafAtMs)
  }

  pack(parcel: Parcel): void {
    parcel.putUsual(this.#deafAtMs, 0)
    parcel.put(this.lastWall ?? Number.NaN)
    parcel.put(this.lastMono)
    parcel.putText(this.source)
    parcel.putFlag(this.online)
    parcel.putFlag(this.isVouched)
  }

  unpack(parcel: Parcel): void {
    this.#deafAtMs = parcel.takeUsual(0)
    const wall = parcel.take()
    this.lastWall = Number.isNaN(wall) ? null : wall
    this.lastMono = parcel.take()
    this.source = parcel.takeText()
    this.online = parcel.takeFlag()
    this.isVouched = parcel.takeFlag()
  }
}
