import type { ClusterNews } from '../cluster/index.js'
import type { Log } from '../log.js'

/** Writes to the log what goes wrong in a cluster: once, until it is something else. */
export class ClusterLog implements ClusterNews {
  readonly #log: Log
  #store = ''
  readonly #troubles = new Map<number | undefined, string>()

  constructor(log: Log) {
    this.#log = log
  }

  onTrouble(partition: number | undefined, code: string, reason: string): void {
    const trouble = `${code} ${reason}`
    if (this.#troubles.get(partition) === trouble) return
    this.#troubles.set(partition, trouble)
    if (partition === undefined) this.#log.warn({ code, reason }, 'devices in trouble')
    else this.#log.warn({ partition, code, reason }, 'partition in trouble')
  }

  onStore(state: Parameters<ClusterNews['onStore']>[0]): void {
    const news = state.kind === 'up' ? 'up' : `${state.code} ${state.reason}`
    if (news === this.#store) return
    this.#store = news
    this.#troubles.clear()
    if (state.kind === 'up') this.#log.info({}, 'state store up')
    else this.#log.warn({ code: state.code, reason: state.reason }, 'state store away')
  }
}
