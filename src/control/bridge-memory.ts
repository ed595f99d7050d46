import { type Clock, ContinuedClock, elapsedMs, type TimeMark } from '../clock.js'
import {
  CaptureFiles,
  createStateDirectory,
  type DamagedFile,
  DeadLetters,
  type FilePort,
  type FoundJournal,
  findDoubtfulJournal,
  findJournal,
  Journal,
  type JournalDurability,
  type JournalHandlers,
  type JournalLimits,
  type Snapshot,
  SnapshotStore,
  StateDirectoryLock,
  StateError,
  StorySeal,
  ThinnedReadings,
} from '../journal/index.js'
import type { Log } from '../log.js'
import { DiskPatience } from './disk-patience.js'
import type { KeptReadings } from './thinning.js'

export interface BridgeMemoryOptions {
  readonly directory: string
  readonly files: FilePort
  /** The machine's clock. */
  readonly clock: Clock
  readonly machine: Machine
  readonly durability: JournalDurability
  readonly maxBytes: number
  readonly log: Log
  readonly limits?: Partial<JournalLimits>
}

/** What the machine knows of time beside its clock. */
export interface Machine {
  /** Which start of the machine this is; empty where unknown. */
  readonly bootId: string
  uptimeMs(): number
  /** Whether the wall clock is right although the machine has just been started. */
  wallTrusted(): boolean
}

/** The share of the disk that the journal may take, whatever it is configured to: snapshots need room, and others. */
const DISK_SHARE = 0.7

/** For what a clock does not tell. */
const LEAST_LEAP = 1_000_000
/** A device that starts anew with every frame has as many as it may send frames. */
const EPOCHS_PER_SECOND = 1_000

/** What thinned readings may take, beside the journal. */
const THINNED_SHARE = 1 / 4

const SILENT: JournalHandlers = {
  onEntries: () => {},
  onHole: () => {},
  onState: () => {},
  onDamaged: () => {},
  onLost: () => {},
}

/**
 * What outlives the process: the journal of accepted frames and the snapshots of the fleet, in one directory that
 * belongs to one bridge.
 */
export class BridgeMemory {
  /** The bridge's time: it goes on from where an earlier run stopped. */
  readonly clock: Clock
  readonly journal: Journal
  readonly snapshots: SnapshotStore
  readonly deadLetters: DeadLetters
  readonly captures: CaptureFiles
  /** Readings that are left of a backlog that had to make room. */
  readonly thinned: ThinnedReadings<KeptReadings>
  /** Whether there was something that the fleet knew and that can be used. */
  readonly hadSnapshot: boolean
  /** Every entry up to this one had settled. */
  readonly checkpoint: number
  /**
   * Epochs begin behind this where the journal begins; a snapshot says its own. It is greater than 0 where everything was
   * lost: then it is the minute of that, which no epoch before had reached, so that consumers see that what comes is new.
   */
  readonly epochBase: number
  /**
   * So many epochs later the streams go on; 0 where the journal is whole. Else an earlier run has passed readings on that
   * its disk did not take, under keys that are to be leapt over.
   */
  readonly epochLeap: number
  /** What is left of the time for the last steps. */
  readonly patience: DiskPatience
  readonly #lock: StateDirectoryLock | undefined
  #snapshot: Snapshot | undefined
  #handlers: JournalHandlers = SILENT

  /**
   * Takes the directory and looks at what is in it. Rejects with a `StateError` where another bridge has it or the
   * system does not give it. What is damaged is set aside and said once.
   */
  static async open(options: BridgeMemoryOptions): Promise<BridgeMemory> {
    const { directory, files, clock } = options
    await createStateDirectory(files, directory)
    const lock = new StateDirectoryLock({ directory, clock })
    await lock.acquire()
    try {
      return await BridgeMemory.#read(options, lock)
    } catch (error) {
      await lock.release()
      throw error
    }
  }

  /** The same without the lock: for who only looks, by files that cannot be changed, and for disks that are simulated. */
  static openUnlocked(options: BridgeMemoryOptions): Promise<BridgeMemory> {
    return BridgeMemory.#read(options, undefined)
  }

  static async #read(
    options: BridgeMemoryOptions,
    lock: StateDirectoryLock | undefined,
  ): Promise<BridgeMemory> {
    const { directory, files, clock, log } = options
    try {
      const snapshots = new SnapshotStore({ directory, files, clock })
      const seal = await StorySeal.find(files, directory, clock)
      const find = seal.wasBroken ? findDoubtfulJournal : findJournal
      const found = await find(files, directory)
      const state = await snapshots.load()
      const maxBytes = await roomFor(options, found)
      if (lock && maxBytes < options.maxBytes) {
        const facts = { configured: options.maxBytes, maxBytes, directory }
        log.warn(facts, 'the disk is too small for journal.max_bytes: the journal takes less')
      }
      const thinned = new ThinnedReadings<KeptReadings>({
        directory,
        files,
        maxBytes: maxBytes * THINNED_SHARE,
      })
      await thinned.open()
      const damaged = [...found.damaged, ...state.damaged]
      for (const file of damaged) log.warn({ ...file, directory }, 'damaged state set aside')
      const parts = { ...state, found, damaged, seal }
      return new BridgeMemory({ ...options, maxBytes }, lock, { snapshots, thinned }, parts)
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause)
      const message = `the state directory ${directory} cannot be read: ${reason}`
      throw new StateError('ERR_STATE_DIRECTORY', message, { cause })
    }
  }

  private constructor(
    options: BridgeMemoryOptions,
    lock: StateDirectoryLock | undefined,
    { snapshots, thinned }: Pick<BridgeMemory, 'snapshots' | 'thinned'>,
    { found, snapshot, damaged, seal }: Found,
  ) {
    const { directory, files, clock, machine, durability, maxBytes, limits, log } = options
    this.#lock = lock
    this.patience = new DiskPatience(clock, log)
    this.snapshots = snapshots
    this.thinned = thinned
    this.deadLetters = new DeadLetters(directory, files)
    this.captures = new CaptureFiles(directory, files)
    this.hadSnapshot = snapshot !== undefined
    this.#snapshot = snapshot
    const lost = damaged.length > 0 || (found.segments[0]?.first ?? 1) > 1
    this.epochBase = !snapshot && lost ? minuteOf(clock.wall()) : 0
    this.checkpoint = found.checkpoint
    const last = found.lastTime ?? untimed(snapshot)
    const offset = offsetMs(last, clock, machine)
    this.clock = new ContinuedClock(clock, offset, () => machine.uptimeMs())
    const isNew = !last && !lost && !seal.wasBroken
    this.epochLeap = seal.stands || isNew ? 0 : leapAt(this.clock.mono())
    this.journal = new Journal({
      directory,
      files,
      clock: this.clock,
      durability,
      maxBytes,
      found,
      after: snapshots.newestOrdinal,
      seal,
      boot: { id: machine.bootId, uptimeMs: () => machine.uptimeMs() },
      handlers: {
        onEntries: (entries, durable) => this.#handlers.onEntries(entries, durable),
        onHole: () => this.#handlers.onHole(),
        onState: (state) => this.#handlers.onState(state),
        onCheckpoint: () => this.#handlers.onCheckpoint?.(),
        onDamaged: (file) => this.#handlers.onDamaged(file),
        onLost: (range) => this.#handlers.onLost(range),
      },
      ...(limits && { limits }),
    })
  }

  /** What the fleet knew, where that can be used; once: of a large fleet it is hundreds of megabytes. */
  takeSnapshot(): Snapshot | undefined {
    const snapshot = this.#snapshot
    this.#snapshot = undefined
    return snapshot
  }

  /** Whoever takes what the journal has. */
  listen(handlers: JournalHandlers): void {
    this.#handlers = handlers
  }

  /** Writes what is to be written, and gives the directory back; a disk that does not answer is not waited for. */
  async close(): Promise<void> {
    const { journal, patience } = this
    await patience.spend('closing the journal', journal.close())
    // Taking the lock down would wait for such a disk, and all of the process with it; it goes with the process as well.
    if (patience.holds) await this.#lock?.release()
    patience.tell(journal.unwritten)
  }
}

/**
 * How large the journal may be: a disk that it filled up would have no room for the snapshot and the checkpoint behind
 * which it gets smaller.
 */
async function roomFor(
  { files, directory, maxBytes }: BridgeMemoryOptions,
  { segments }: FoundJournal,
): Promise<number> {
  // Where that cannot be told the configuration is believed.
  const free = await files.free(directory).catch(() => Number.POSITIVE_INFINITY)
  const own = segments.reduce((sum, { bytes }) => sum + bytes, 0)
  return Math.min(maxBytes, Math.floor((free + own) * DISK_SHARE))
}

interface Found {
  readonly found: FoundJournal
  readonly seal: StorySeal
  readonly snapshot?: Snapshot
  readonly damaged: readonly DamagedFile[]
}

type LastMark = TimeMark & { readonly mono: number }

/**
 * By the bridge's own time, which goes on over all its runs: further than an earlier run has leapt whose disk did not even
 * take that, and than the epochs that its devices may have had since.
 */
const leapAt = (mono: number): number => LEAST_LEAP + EPOCHS_PER_SECOND * Math.ceil(mono / 1000)

const minuteOf = (wall: number): number => Math.max(0, Math.floor(wall / 60_000))

/** A snapshot does not say which start of the machine it is of. */
const untimed = (snapshot: Snapshot | undefined): LastMark | undefined =>
  snapshot && { mono: snapshot.mono, wall: snapshot.wall, uptimeMs: 0, bootId: '' }

/** What has to be added to the clock so that it goes on from the last moment of an earlier run. */
function offsetMs(last: LastMark | undefined, clock: Clock, machine: Machine): number {
  if (!last) return 0
  const now = {
    wall: clock.wall(),
    uptimeMs: machine.uptimeMs(),
    bootId: machine.bootId,
    wallTrusted: machine.wallTrusted(),
  }
  return last.mono + elapsedMs(last, now) - clock.mono()
}
