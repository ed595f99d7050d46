import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = '/sys/fs/cgroup'
const PERIOD_US = 20_000

/**
 * A share of one processor that a process gets no more than, in a control group of its own (either version; root only). The
 * process must have ended before `end`.
 */
export class CpuQuota {
  readonly #directory: string

  /** Throws where the system does not let us. */
  constructor(pid: number, share: number) {
    const isFirst = existsSync(join(ROOT, 'cpu', 'cpu.cfs_quota_us'))
    this.#directory = join(isFirst ? join(ROOT, 'cpu') : ROOT, `alec-bench-${pid}`)
    if (!isFirst) writeFileSync(join(ROOT, 'cgroup.subtree_control'), '+cpu')
    mkdirSync(this.#directory)
    const quotaUs = Math.round(share * PERIOD_US)
    if (isFirst) {
      this.#set('cpu.cfs_period_us', `${PERIOD_US}`)
      this.#set('cpu.cfs_quota_us', `${quotaUs}`)
    } else this.#set('cpu.max', `${quotaUs} ${PERIOD_US}`)
    this.#set('cgroup.procs', `${pid}`)
  }

  end(): void {
    rmdirSync(this.#directory)
  }

  #set(name: string, value: string): void {
    writeFileSync(join(this.#directory, name), value)
  }
}
