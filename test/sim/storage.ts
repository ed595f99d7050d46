import type { FilePort } from '../../src/journal/index.js'
import { type DiskStep, SimDisk } from '../support/sim-disk.js'
import type { Agenda } from './agenda.js'
import type { DiskLuck } from './disk-luck.js'
import type { ClientSide } from './sim-connection.js'
import { filesOf } from './sim-files.js'

/** What writes may fail with; reading is left alone, a disk that cannot be read is another story. */
const FAILING: ReadonlySet<DiskStep> = new Set(['write', 'fill', 'sync', 'rename', 'open'])
/** What has to be read before it goes: entries, and under which plan they begin. */
const NEWS = /(\.seg|\/s-0)$/
/** A disk that is full has room for a little: what fits is written, and the rest is not. */
const LITTLE = 700

export interface StorageOptions {
  readonly agenda: Agenda
  /** Something is about to be forgotten; `copy` still has it. */
  readonly onForgetting: (copy: FilePort) => void
}

/** The machine's disk, over all lives of the process and all losses of power. */
export class Storage {
  readonly #options: StorageOptions
  #disk = new SimDisk()
  #full = false
  /** Undefined while no process runs. */
  #luck: DiskLuck | undefined

  constructor(options: StorageOptions) {
    this.#options = options
    this.#fit()
  }

  /** For one life of a process, and what it has to expect. */
  filesFor(process: ClientSide, luck: DiskLuck): FilePort {
    this.#luck = luck
    return filesOf(this.#disk, this.#options.agenda, process, (step, path) =>
      luck.latencyMs(step, path),
    )
  }

  /** What a process would find that was started now; changing it changes nothing. */
  copy(): FilePort {
    return this.#disk.afterKill()
  }

  killed(): void {
    this.#disk = this.#disk.kill()
    this.#luck = undefined
    this.#fit()
  }

  /** `random` is asked for each path apart. */
  lostPower(random: (path: string) => number): void {
    this.#disk = this.#disk.crash(random)
    this.#luck = undefined
    this.#fit()
  }

  fill(): () => void {
    this.#full = true
    this.#fit()
    return () => {
      this.#full = false
      this.#fit()
    }
  }

  #fit(): void {
    const disk = this.#disk
    disk.capacity = this.#full ? disk.used + LITTLE : Number.POSITIVE_INFINITY
    disk.onStep = (step, path) => {
      if (step === 'unlink' && NEWS.test(path)) this.#options.onForgetting(disk.afterKill())
    }
    disk.fault = (step, path) =>
      FAILING.has(step) && this.#luck?.fails(step, path) ? 'EIO' : undefined
  }
}
