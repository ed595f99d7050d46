import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = '/sys/fs/cgroup'
const PERIOD_MS = 20

/** Periods of a quota so far, and in how many of them there was more to do than it allows. */
export interface Throttling {
  readonly periods: number
  readonly throttled: number
}

/**
 * A share of one processor that a process gets no more than, in a control group of its own (either version; root only). The
 * process must have ended before `end`.
 */
export class CpuQuota {
  readonly #directory: string
  readonly #isFirst: boolean

  /** Throws where the system does not let us. */
  constructor(pid: number, share: number) {
    this.#isFirst = existsSync(join(ROOT, 'cpu', 'cpu.cfs_quota_us'))
    this.#directory = join(this.#isFirst ? join(ROOT, 'cpu') : ROOT, `alec-bench-${pid}`)
    if (!this.#isFirst) writeFileSync(join(ROOT, 'cgroup.subtree_control'), '+cpu')
    mkdirSync(this.#directory)
    this.set(share)
    this.#write('cgroup.procs', `${pid}`)
  }

  /** Another share from now on; the kernel wants at least a millisecond of each period. */
  set(share: number, periodMs = PERIOD_MS): void {
    const [quotaUs, periodUs] = [Math.round(share * periodMs * 1000), periodMs * 1000]
    if (this.#isFirst) {
      this.#write('cpu.cfs_quota_us', '-1')
      this.#write('cpu.cfs_period_us', `${periodUs}`)
      this.#write('cpu.cfs_quota_us', `${quotaUs}`)
    } else this.#write('cpu.max', `${quotaUs} ${periodUs}`)
  }

  throttling(): Throttling {
    const text = readFileSync(join(this.#directory, 'cpu.stat'), 'utf8')
    const figure = (name: string) => Number(new RegExp(`^${name} (\\d+)`, 'm').exec(text)?.[1])
    return { periods: figure('nr_periods'), throttled: figure('nr_throttled') }
  }

  end(): void {
    rmdirSync(this.#directory)
  }

  #write(name: string, value: string): void {
    writeFileSync(join(this.#directory, name), value)
  }
}
