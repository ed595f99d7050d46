import type { Clock } from '../clock.js'
import { loadOptional } from './optional-package.js'
import { layoutScript, type RedisScript } from './redis-scripts.js'
import type { StoreLink, StoreState, TimeSample } from './state-store.js'

export interface RedisAccess {
  /** `redis:` or `rediss:`, without a password. */
  readonly url: string
  readonly username?: string | undefined
  readonly password?: string | undefined
  /** PEM texts, with `rediss:`: the authority to trust (default: those of the system), our certificate and its key. */
  readonly ca?: string | undefined
  readonly cert?: string | undefined
  readonly key?: string | undefined
}

export interface RedisStoreOptions extends RedisAccess {
  readonly group: string
  /** Who claims: no two runs of any two bridges have the same. */
  readonly run: string
  readonly clock: Pick<Clock, 'mono'>
}

const CONNECT_MS = 5000
/** An answer that takes longer ends the connection; every few seconds one is asked for. */
const SILENCE_MS = 10_000
const PING_MS = 3000
const LONGEST_WAIT_MS = 2000

type Client = Awaited<ReturnType<typeof openClient>>

/** A connection to Redis that is kept open, and what both kinds of store ask of it. */
export class RedisLink implements StoreLink {
  readonly #access: RedisAccess
  readonly #clock: Pick<Clock, 'mono'>
  #client: Client | undefined
  #state: StoreState = { kind: 'away', code: 'stopped', reason: 'not started' }
  #onState: (state: StoreState) => void = () => {}
  #opening: Promise<void> | undefined

  constructor(access: RedisAccess, clock: Pick<Clock, 'mono'>) {
    this.#access = access
    this.#clock = clock
  }

  get state(): StoreState {
    return this.#state
  }

  start(onState: (state: StoreState) => void): void {
    if (this.#opening) return
    this.#onState = onState
    this.#opening = this.#open()
  }

  async stop(): Promise<void> {
    this.#onState = () => {}
    await this.#opening
    this.#client?.destroy()
    this.#client = undefined
  }

  async time(): Promise<TimeSample> {
    const sentAt = this.#clock.mono()
    const [seconds, micros] = (await this.send(['TIME'])) as [string, string]
    return this.#sample(sentAt, seconds, micros)
  }

  /** Says how many partitions a group has: what was said first. */
  protected async layout(group: string, wanted: number): Promise<number> {
    const { answer } = await this.run(
      layoutScript,
      [`alec:{${group}}:partitions`],
      [String(wanted)],
    )
    return Number(answer)
  }

  protected send(command: readonly string[]): Promise<unknown> {
    return this.#up.sendCommand(command)
  }

  protected async run(
    { text, sha }: RedisScript,
    keys: readonly string[],
    args: readonly string[],
  ): Promise<{ readonly answer: unknown; readonly time: TimeSample }> {
    const rest = [String(keys.length), ...keys, ...args]
    const sentAt = this.#clock.mono()
    const reply = await this.send(['EVALSHA', sha, ...rest]).catch((error: unknown) => {
      // It has been restarted, or this is the first time.
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error
      return this.send(['EVAL', text, ...rest])
    })
    const [answer, seconds, micros] = reply as [unknown, string, string]
    return { answer, time: this.#sample(sentAt, seconds, micros) }
  }

  async #open(): Promise<void> {
    try {
      this.#client = await openClient(this.#access)
    } catch (error) {
      this.#change(awayBecause(error))
      return
    }
    // Before it connects: an `error` that nobody hears would end the process.
    this.#client.on('error', (error: unknown) => this.#change(awayBecause(error)))
    this.#client.on('ready', () => this.#change({ kind: 'up' }))
    // It goes on trying until it is destroyed, and only then rejects.
    this.#client.connect().catch((error: unknown) => this.#change(awayBecause(error)))
  }

  #change(state: StoreState): void {
    const before = this.#state
    this.#state = state
    const same =
      before.kind === state.kind && (state.kind === 'up' || reasonOf(before) === state.reason)
    if (!same) this.#onState(state)
  }

  #sample(sentAt: number, seconds: string, micros: string): TimeSample {
    const storeTime = Number(seconds) * 1000 + Number(micros) / 1000
    return { sentAt, storeTime, receivedAt: this.#clock.mono() }
  }

  get #up(): Client {
    if (this.#client) return this.#client
    const { code, reason } =
      this.#state.kind === 'away' ? this.#state : { code: 'opening', reason: 'not connected yet' }
    throw Object.assign(new Error(reason), { code })
  }
}

async function openClient({ url, username, password, ca, cert, key }: RedisAccess) {
  const { createClient } = await loadOptional('@redis/client', () => import('@redis/client'))
  return createClient({
    url,
    RESP: 2,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    // A command that could not be sent is not sent later: by then it may be wrong.
    disableOfflineQueue: true,
    pingInterval: PING_MS,
    socket: {
      connectTimeout: CONNECT_MS,
      socketTimeout: SILENCE_MS,
      ...(ca !== undefined && { ca }),
      ...(cert !== undefined && { cert }),
      ...(key !== undefined && { key }),
      reconnectStrategy: (tries) => Math.min(100 * 2 ** Math.min(tries, 10), LONGEST_WAIT_MS),
    },
  })
}

function awayBecause(error: unknown): StoreState {
  const failure = error instanceof Error ? error : new Error(String(error))
  const code = 'code' in failure ? String(failure.code) : failure.name
  return { kind: 'away', code, reason: failure.message || code }
}

const reasonOf = (state: StoreState): string | undefined =>
  state.kind === 'away' ? state.reason : undefined
