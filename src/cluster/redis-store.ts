import type { Clock } from '../clock.js'
import { loadOptional } from './optional-package.js'
import {
  claimScript,
  layoutScript,
  type RedisScript,
  reclaimScript,
  writeScript,
} from './redis-scripts.js'
import type {
  Claim,
  KeptState,
  StateStore,
  StoreState,
  TimeSample,
  WriteOutcome,
} from './state-store.js'

export interface RedisStoreOptions {
  /** `redis:` or `rediss:`, without a password. */
  readonly url: string
  readonly username?: string | undefined
  readonly password?: string | undefined
  /** PEM text of the authority to trust, with `rediss:`; default: those of the system. */
  readonly ca?: string | undefined
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
/** So many states are asked for at once. */
const SCAN = 500

type Client = Awaited<ReturnType<typeof openClient>>

/** States of devices in Redis: a hash per partition, and beside it the token of the last claim. */
export class RedisStore implements StateStore {
  readonly #options: RedisStoreOptions
  #client: Client | undefined
  #state: StoreState = { kind: 'away', code: 'stopped', reason: 'not started' }
  #onState: (state: StoreState) => void = () => {}
  #opening: Promise<void> | undefined

  constructor(options: RedisStoreOptions) {
    this.#options = options
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
    const sentAt = this.#options.clock.mono()
    const [seconds, micros] = (await this.#up.sendCommand(['TIME'])) as [string, string]
    return this.#sample(sentAt, seconds, micros)
  }

  async partitions(wanted: number): Promise<number> {
    const key = `alec:{${this.#options.group}}:partitions`
    const { answer } = await this.#run(layoutScript, [key], [String(wanted)])
    return Number(answer)
  }

  async claim(partition: number): Promise<Claim> {
    const { answer, time } = await this.#run(
      claimScript,
      [this.#token(partition)],
      [this.#options.run],
    )
    return { token: String(answer), time }
  }

  async load(partition: number): Promise<readonly KeptState[]> {
    const states: KeptState[] = []
    let cursor = '0'
    do {
      const command = ['HSCAN', this.#states(partition), cursor, 'COUNT', String(SCAN)]
      const [next, fields] = (await this.#up.sendCommand(command)) as [string, string[]]
      for (let i = 0; i + 1 < fields.length; i += 2)
        states.push([fields[i] ?? '', fields[i + 1] ?? ''])
      cursor = next
    } while (cursor !== '0')
    return states
  }

  async write(
    partition: number,
    token: string,
    states: readonly KeptState[],
  ): Promise<WriteOutcome> {
    const keys = [this.#token(partition), this.#states(partition)]
    const { answer, time } = await this.#run(writeScript, keys, [token, ...states.flat()])
    return { ours: answer === 1, time }
  }

  async reclaim(partition: number, token: string): Promise<WriteOutcome> {
    const { answer, time } = await this.#run(reclaimScript, [this.#token(partition)], [token])
    return { ours: answer === 1, time }
  }

  async #open(): Promise<void> {
    try {
      this.#client = await openClient(this.#options)
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

  async #run(
    { text, sha }: RedisScript,
    keys: readonly string[],
    args: readonly string[],
  ): Promise<{ readonly answer: unknown; readonly time: TimeSample }> {
    const rest = [String(keys.length), ...keys, ...args]
    const sentAt = this.#options.clock.mono()
    const reply = await this.#up.sendCommand(['EVALSHA', sha, ...rest]).catch((error: unknown) => {
      // It has been restarted, or this is the first time.
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error
      return this.#up.sendCommand(['EVAL', text, ...rest])
    })
    const [answer, seconds, micros] = reply as unknown as [unknown, string, string]
    return { answer, time: this.#sample(sentAt, seconds, micros) }
  }

  #sample(sentAt: number, seconds: string, micros: string): TimeSample {
    const storeTime = Number(seconds) * 1000 + Number(micros) / 1000
    return { sentAt, storeTime, receivedAt: this.#options.clock.mono() }
  }

  get #up(): Client {
    if (this.#client) return this.#client
    const { code, reason } =
      this.#state.kind === 'away' ? this.#state : { code: 'opening', reason: 'not connected yet' }
    throw Object.assign(new Error(reason), { code })
  }

  // The braces keep what belongs together on one node of a Redis cluster.
  #token(partition: number): string {
    return `alec:{${this.#options.group}:${partition}}:token`
  }

  #states(partition: number): string {
    return `alec:{${this.#options.group}:${partition}}:states`
  }
}

async function openClient({ url, username, password, ca }: RedisStoreOptions) {
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
