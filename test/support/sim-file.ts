const SECTOR = 512
const FIRST_CAPACITY = 256

/** Something that was done to a file since its content was last made durable. */
type Change =
  | { readonly kind: 'write'; readonly at: number; readonly bytes: Uint8Array; doomed: boolean }
  | { readonly kind: 'cut'; readonly length: number; doomed: boolean }

/** A file of a simulated disk: what a reader sees, and what of it the disk has for certain. */
export class SimFile {
  #seen: Buffer
  #length: number
  #durable: Buffer
  #durableLength: number
  #changes: Change[] = []

  constructor(data: Uint8Array = new Uint8Array()) {
    this.#seen = Buffer.from(data)
    this.#length = data.length
    this.#durable = Buffer.from(data)
    this.#durableLength = data.length
  }

  get length(): number {
    return this.#length
  }

  /** What a reader sees, in a copy. */
  read(): Uint8Array {
    return new Uint8Array(this.#seen.subarray(0, this.#length))
  }

  append(bytes: Uint8Array): void {
    const own = new Uint8Array(bytes)
    this.#changes.push({ kind: 'write', at: this.#length, bytes: own, doomed: false })
    const length = this.#length + own.length
    this.#seen = withRoom(this.#seen, this.#length, length)
    this.#seen.set(own, this.#length)
    this.#length = length
  }

  cut(length: number): void {
    if (length >= this.#length) return
    this.#changes.push({ kind: 'cut', length, doomed: false })
    this.#length = length
  }

  /** What was done is durable, but for what an earlier, failed sync has given up: its pages count as written. */
  sync(): void {
    for (const change of this.#changes) if (!change.doomed) this.#settle(change)
    this.#changes = this.#changes.filter(({ doomed }) => doomed)
  }

  /** The sync failed: nobody knows what is durable, and no later sync makes up for it. */
  failSync(): void {
    for (const change of this.#changes) change.doomed = true
  }

  /** The same file to another process on the same machine: what was not durable is not so now. */
  copy(): SimFile {
    const copy = new SimFile(this.read())
    copy.#durable = Buffer.from(this.#sure)
    copy.#durableLength = this.#durableLength
    copy.#changes = this.#changes.map((change) => ({ ...change }))
    return copy
  }

  /**
   * What is there after the power has gone: all, nothing, or any sectors of what was not durable, in any order, with
   * zeros or what stood there before in place of those that were not written, up to any length.
   */
  survivor(random: () => number): Uint8Array {
    const mood = random()
    if (this.#changes.length === 0 || mood < 0.15) return new Uint8Array(this.#sure)
    if (mood < 0.35) return this.read()
    let left: Buffer = Buffer.from(this.#sure)
    for (const change of this.#changes) {
      if (change.kind === 'write') left = torn(left, change.at, change.bytes, random)
      else if (random() < 0.5) left = done(left, change)
    }
    const sure = this.#changes.reduce(
      (least, change) => (change.kind === 'cut' ? Math.min(least, change.length) : least),
      this.#durableLength,
    )
    return random() < 0.5 ? left : left.subarray(0, between(sure, left.length, random))
  }

  /** What the disk has for certain. */
  get #sure(): Buffer {
    return this.#durable.subarray(0, this.#durableLength)
  }

  /** In place: a journal's segment is synced with every frame. */
  #settle(change: Change): void {
    const before = this.#durableLength
    if (change.kind === 'cut') {
      this.#durableLength = Math.min(change.length, before)
      return
    }
    const { at, bytes } = change
    const length = Math.max(before, at + bytes.length)
    this.#durable = withRoom(this.#durable, before, length)
    if (at > before) this.#durable.fill(0, before, at)
    this.#durable.set(bytes, at)
    this.#durableLength = length
  }
}

/** The buffer, or a larger one with the first `used` bytes of it, that has room for so many. */
function withRoom(data: Buffer, used: number, length: number): Buffer {
  if (length <= data.length) return data
  const larger = Buffer.allocUnsafe(Math.max(FIRST_CAPACITY, 2 * length))
  data.copy(larger, 0, 0, used)
  return larger
}

const between = (low: number, high: number, random: () => number): number =>
  low + Math.floor(random() * (high - low + 1))

function done(data: Buffer, change: Change): Buffer {
  if (change.kind === 'cut') return data.subarray(0, Math.min(change.length, data.length))
  const grown = Buffer.alloc(Math.max(data.length, change.at + change.bytes.length))
  data.copy(grown)
  grown.set(change.bytes, change.at)
  return grown
}

function torn(data: Buffer, at: number, bytes: Uint8Array, random: () => number): Buffer {
  const result = Buffer.alloc(Math.max(data.length, at + bytes.length))
  data.copy(result)
  for (let from = at; from < at + bytes.length; ) {
    const to = Math.min(at + bytes.length, (Math.floor(from / SECTOR) + 1) * SECTOR)
    const fate = random()
    if (fate < 0.5) result.set(bytes.subarray(from - at, to - at), from)
    // What a deleted file has left in this place.
    else if (fate < 0.7) result.fill(Math.floor(random() * 256), from, to)
    from = to
  }
  return result
}
