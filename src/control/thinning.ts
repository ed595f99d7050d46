import type { DeviceSession, ReadingsVerdict } from '../device/index.js'
import type { ThinnedLine, ThinnedReadings } from '../journal/index.js'
import type { Publication } from '../outputs/index.js'
import type { DeliveryWords } from './delivery.js'
import { type DroppedRange, DropTally } from './drop-tally.js'

/** The readings of one frame that were kept when those around it had to go. */
export interface KeptReadings extends ThinnedLine {
  readonly device: string
  readonly epoch: number
  readonly seq: number
  readonly publications: readonly KeptPublication[]
}

/** A publication as JSON has it. */
interface KeptPublication extends Omit<Publication, 'payload'> {
  readonly payload: string | { readonly base64: string }
}

export interface ThinningOptions {
  readonly store: ThinnedReadings<KeptReadings>
  /** Of each device one frame is kept in so much of its time; undefined: none is, what is left is brought. */
  readonly intervalMs: number | undefined
  readonly words: Pick<DeliveryWords, 'readings'>
  readonly publish: (publication: Publication, settled: () => void) => void
}

/** So many frames are written together. */
const GROUP = 1000

/** Keeps a few of the readings that have to make room, and brings them before all that comes after them. */
export class Thinning {
  readonly #options: ThinningOptions
  #pending: KeptReadings[] = []
  /** The frame of each device that was kept last. */
  readonly #keptLast = new Map<string, { readonly ordinal: number; readonly mono: number }>()
  /** The file that is being handed over, and what of it is left. */
  #file = { ordinal: 0, left: [] as Publication[], settled: () => {} }
  /** At first as well: nothing that an earlier run kept is on its way. */
  #isLost = true

  constructor(options: ThinningOptions) {
    this.#options = options
  }

  /** Whether there is something that was not handed over. */
  get waiting(): boolean {
    const { newestOrdinal } = this.#options.store
    return this.#file.left.length > 0 || newestOrdinal > this.#file.ordinal
  }

  /** What was handed over and is still kept has to be brought again; returns whether there is any. */
  lost(): boolean {
    this.#isLost = true
    this.#file = { ordinal: 0, left: [], settled: () => {} }
    return this.waiting
  }

  /**
   * Another backlog begins: what was kept of entries behind this one comes from the journal again. Not so where nothing was
   * lost: what was handed over is on its way. Never rejects.
   */
  async begin(settled: number): Promise<void> {
    this.#pending = []
    if (!this.#isLost) return
    this.#isLost = false
    for (const [device, { ordinal }] of this.#keptLast)
      if (ordinal > settled) this.#keptLast.delete(device)
    await this.#options.store.cut(settled).catch(() => {})
  }

  /** Keeps a verdict's readings, where its turn has come; they are safe after `save`. */
  keep(verdict: ReadingsVerdict, session: DeviceSession): boolean {
    const { intervalMs, words } = this.#options
    const { device, epoch, seq, frame } = verdict
    const { ordinal = 0, mono } = frame
    const before = this.#keptLast.get(device)?.mono ?? Number.NEGATIVE_INFINITY
    if (intervalMs === undefined || mono - before < intervalMs) return false
    this.#keptLast.set(device, { ordinal, mono })
    const publications = words.readings(verdict, session).map(toJson)
    this.#pending.push({ ordinal, device, epoch, seq, publications })
    return true
  }

  get isGroupFull(): boolean {
    return this.#pending.length >= GROUP
  }

  /** Makes what was kept safe; returns what is dropped for it, or because the disk fails. */
  async save(): Promise<readonly DroppedRange[]> {
    const pending = this.#pending
    this.#pending = []
    const outcome = await this.#options.store.append(pending)
    const dropped = new DropTally()
    for (const readings of outcome.ok ? outcome.evicted : pending) dropped.add(readings)
    return dropped.take()
  }

  /** What `save` returned is named. */
  async named(): Promise<void> {
    await this.#options.store.removeEvicted()
  }

  /** Hands the next publication over. */
  async bring(): Promise<void> {
    const { store, publish } = this.#options
    if (this.#file.left.length === 0) {
      const before = this.#file
      const file = await store.oldest(before.ordinal)
      // Where the connection was lost meanwhile, the next backlog brings it.
      if (!file || this.#file !== before) return
      const { ordinal, lines } = file
      const left = lines.flatMap(({ publications }) => publications.map(fromJson)).reverse()
      let unsettled = left.length
      const settled = () => {
        if (--unsettled <= 0) void store.remove(ordinal)
      }
      this.#file = { ordinal, left, settled }
      if (left.length === 0) settled()
    }
    const { left, settled } = this.#file
    const publication = left.pop()
    if (publication) publish(publication, settled)
  }
}

const toJson = ({ payload, ...rest }: Publication): KeptPublication => ({
  ...rest,
  payload:
    typeof payload === 'string' ? payload : { base64: Buffer.from(payload).toString('base64') },
})

const fromJson = ({ payload, ...rest }: KeptPublication): Publication => ({
  ...rest,
  payload: typeof payload === 'string' ? payload : Buffer.from(payload.base64, 'base64'),
})
