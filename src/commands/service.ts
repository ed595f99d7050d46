import { execFile } from 'node:child_process'
import { type Clock, setRepeating, type Undo } from '../clock.js'
import type { Log } from '../log.js'
import type { CommandIo } from './io.js'

export interface ServiceOptions {
  readonly env: CommandIo['env']
  readonly pid: number
  readonly clock: Clock
  readonly log: Log
  /** Whether all that has to go on goes on; asked from time to time. */
  readonly alive: () => boolean
  /** Tells the service manager; resolves when it has been told, rejects where it cannot be. Default: by `systemd-notify`. */
  readonly notify?: (words: readonly string[]) => Promise<void>
}

/** Told three times within the time after which the service manager gives us up. */
const FEEDS = 3
/** `systemd-notify` waits until it was heard. */
const NOTIFY_MS = 5000

/**
 * Tells the service manager that started us how we are: ready, alive (its watchdog) and stopping. Where none did, every
 * call does nothing. Node has no datagrams on Unix sockets, so `systemd-notify` carries the words.
 */
export class Service {
  readonly #options: ServiceOptions
  readonly #notify: (words: readonly string[]) => Promise<void>
  readonly #isService: boolean
  #undo: Undo | undefined
  #telling = false
  #failed = false
  #starved = false

  constructor(options: ServiceOptions) {
    const { env } = options
    this.#options = options
    this.#isService = Boolean(env.NOTIFY_SOCKET)
    this.#notify = options.notify ?? ((words) => systemdNotify(env, words))
  }

  /** From now on the watchdog is fed, for as long as we are alive. */
  ready(): void {
    if (!this.#isService) return
    this.#tell(['READY=1', 'STATUS=running'])
    const { clock } = this.#options
    const watchdogMs = this.#watchdogMs()
    if (watchdogMs > 0) this.#undo = setRepeating(clock, watchdogMs / FEEDS, () => this.#feed())
  }

  /** The watchdog is fed on, so that a slow end is not taken for none. */
  stopping(): void {
    if (this.#isService) this.#tell(['STOPPING=1', 'STATUS=stopping'])
  }

  stop(): void {
    this.#undo?.()
    this.#undo = undefined
  }

  #feed(): void {
    if (this.#options.alive()) {
      this.#starved = false
      // The last one is still being told: it is as good as another.
      if (!this.#telling) this.#tell(['WATCHDOG=1'])
    } else if (!this.#starved) {
      this.#starved = true
      this.#options.log.error({}, 'nothing is committed any more: the watchdog is not fed')
    }
  }

  #tell(words: readonly string[]): void {
    this.#telling = true
    this.#notify(words)
      .then(() => {
        this.#failed = false
      })
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        this.#telling = false
      })
  }

  #fail(error: unknown): void {
    if (this.#failed) return
    this.#failed = true
    const reason = error instanceof Error ? error.message.trim() : String(error)
    this.#options.log.warn({ reason }, 'the service manager cannot be told how we are')
  }

  /** 0 where there is no watchdog, or it watches another process. */
  #watchdogMs(): number {
    const { env, pid } = this.#options
    if (env.WATCHDOG_PID !== undefined && Number(env.WATCHDOG_PID) !== pid) return 0
    const us = Number(env.WATCHDOG_USEC)
    return us > 0 && Number.isFinite(us) ? us / 1000 : 0
  }
}

function systemdNotify(env: CommandIo['env'], words: readonly string[]): Promise<void> {
  const { PATH, NOTIFY_SOCKET } = env
  return new Promise((resolve, reject) => {
    const options = { env: { PATH, NOTIFY_SOCKET }, timeout: NOTIFY_MS }
    execFile('systemd-notify', words, options, (error) => (error ? reject(error) : resolve()))
  })
}
