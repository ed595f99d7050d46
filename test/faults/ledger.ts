import { crc32 } from 'node:zlib'
import { liesOf, type MeasuredNode, type SeenReading } from './measured-node.js'

/** What is known of one node's readings. */
class Account {
  /** By sequence number: the checksum of what came, offset so that 0 is nothing. */
  readonly bodies: number[] = []
  epoch = Number.NaN
  newest = -1
  /** The epoch may go on to a later one, once. */
  mayLeap = false
  /** What came since it did. */
  since: Set<number> | undefined
  /** Frames before this one are not judged. */
  from = 0
  /** The sequence number of the last reading, where that was good; else -1. */
  good = -1
}

/**
 * Judges readings as they come, and remembers of each no more than a checksum: for courses of a million readings.
 * It is for nodes that never restart, and bridges that never lose track of them: every reading is of one epoch.
 */
export class Ledger {
  readings = 0
  uncertain = 0
  /** Readings that came again. */
  repeated = 0
  readonly wrong: string[] = []
  /** One key with two contents, or a second epoch. */
  readonly twoFaced: string[] = []
  /** A key that is smaller than the one before it, though nothing had happened in between. */
  readonly disordered: string[] = []
  readonly #accounts: ReadonlyMap<string, { readonly node: MeasuredNode; readonly of: Account }>

  constructor(nodes: readonly MeasuredNode[]) {
    this.#accounts = new Map(
      nodes.map((node) => [`alec/${node.id}/readings`, { node, of: new Account() }]),
    )
  }

  /** Returns the reading, where the topic is one of a node's. */
  take(topic: string, payload: string): SeenReading | undefined {
    const account = this.#accounts.get(topic)
    if (!account) return undefined
    const { node, of } = account
    const reading = JSON.parse(payload) as SeenReading
    const { seq, epoch, quality } = reading
    of.good = quality === 'good' ? seq : -1
    if (seq < of.from) return reading
    const key = `${node.id} ${epoch}/${seq}`
    this.readings++
    if (quality !== 'good') this.uncertain++
    this.wrong.push(...liesOf(node, reading))
    if (Number.isNaN(of.epoch)) of.epoch = epoch
    if (of.mayLeap && epoch > of.epoch) {
      of.epoch = epoch
      of.mayLeap = false
      of.since = new Set()
    }
    const body = crc32(payload) + 1
    const before = of.bodies[seq]
    if (before !== undefined) this.repeated++
    const sameKey = before !== undefined && (of.since?.has(seq) ?? true)
    if ((sameKey && before !== body) || epoch !== of.epoch) this.twoFaced.push(key)
    of.bodies[seq] = body
    of.since?.add(seq)
    if (seq <= of.newest) this.disordered.push(key)
    of.newest = seq
    return reading
  }

  /** The last frame of every node has become a good reading. */
  get allGood(): boolean {
    return [...this.#accounts.values()].every(
      ({ node, of }) => of.good >= 0 && of.good === node.measured.length - 1,
    )
  }

  /** Judges from the next frame of each node on, and forgets all before. */
  begin(): void {
    for (const { node, of } of this.#accounts.values()) {
      of.from = node.measured.length
      of.bodies.length = 0
      of.epoch = Number.NaN
      of.newest = -1
    }
    this.readings = this.uncertain = this.repeated = 0
    for (const complaints of [this.wrong, this.twoFaced, this.disordered]) complaints.length = 0
  }

  /** A connection or a process was lost: what comes from here on may begin again with what came before. */
  incident(): void {
    for (const { of } of this.#accounts.values()) of.newest = -1
  }

  /** The bridge was killed while its disk took nothing: it goes on in one later epoch, behind what it publishes again. */
  leap(): void {
    for (const { of } of this.#accounts.values()) of.mayLeap = true
  }

  /** Whether that has happened. */
  get leapt(): boolean {
    return [...this.#accounts.values()].every(({ of }) => of.since !== undefined)
  }

  /** The node's frames that are judged begin with this number. */
  from(id: string): number {
    return this.#accounts.get(`alec/${id}/readings`)?.of.from ?? 0
  }

  has(id: string, seq: number): boolean {
    return this.#accounts.get(`alec/${id}/readings`)?.of.bodies[seq] !== undefined
  }

  /** `device seq` of the frames of which no reading came. */
  get missing(): string[] {
    return [...this.#accounts.values()].flatMap(({ node, of }) =>
      node.measured.flatMap((_, seq) =>
        seq < of.from || of.bodies[seq] !== undefined ? [] : [`${node.id} ${seq}`],
      ),
    )
  }

  /** Frames of which no reading came. */
  get missingCount(): number {
    let frames = 0
    for (const { node, of } of this.#accounts.values()) frames += node.measured.length - of.from
    return frames - (this.readings - this.repeated)
  }
}
