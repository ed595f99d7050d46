import { chmodSync, existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { freePort } from './free-port.js'
import { ServerProcess } from './server-process.js'
import { without } from './without-program.js'

/** Debian keeps the broker in `/usr/sbin`, which is not on every user's path. */
const BINARY = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']
  .map((directory) => join(directory, 'mosquitto'))
  .find((path) => existsSync(path))

/** True where tests against a real Mosquitto must be left out. */
export const withoutMosquitto = (): boolean =>
  without(
    BINARY !== undefined,
    'mosquitto is not installed (Debian: apt-get install mosquitto mosquitto-clients)',
  )

export interface MosquittoOptions {
  /** Lines for `mosquitto.conf`, after the listener on loopback; the default admits everybody. */
  readonly config?: readonly string[]
  /** Files beside the configuration (password or ACL files), by name; `%DIR%` in a line stands for their directory. */
  readonly files?: Readonly<Record<string, string>>
}

/** Lines for a Mosquitto that writes its sessions down when it is told to, or ends well. */
export const persistent: readonly string[] = [
  // Started by root it could not write in a directory of ours as anybody else.
  ...(process.getuid?.() === 0 ? ['user root'] : []),
  'persistence true',
  'persistence_location %DIR%/',
]

/** A real Mosquitto on a free loopback port, without persistence. */
export class Mosquitto {
  readonly port: number
  readonly #directory: string
  readonly #process = new ServerProcess()

  private constructor(port: number, directory: string) {
    this.port = port
    this.#directory = directory
  }

  static async start(options: MosquittoOptions = {}): Promise<Mosquitto> {
    const port = await freePort()
    const directory = mkdtempSync(join(tmpdir(), 'alec-mosquitto-'))
    // Started by root, it reads its files as user `mosquitto`.
    chmodSync(directory, 0o755)
    for (const [name, text] of Object.entries(options.files ?? {})) {
      writeFileSync(join(directory, name), text, { mode: 0o644 })
    }
    const lines = [`listener ${port} 127.0.0.1`, 'set_tcp_nodelay true']
    lines.push(...(options.config ?? ['allow_anonymous true']))
    if (!lines.includes('persistence true')) lines.push('persistence false')
    writeFileSync(
      join(directory, 'mosquitto.conf'),
      `${lines.join('\n').replaceAll('%DIR%', directory)}\n`,
    )
    const broker = new Mosquitto(port, directory)
    await broker.restart()
    return broker
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.port}`
  }

  /** Starts it (again) on the same port; resolves when it listens. */
  async restart(): Promise<void> {
    await this.#process.start({
      command: BINARY ?? 'mosquitto',
      args: ['-c', join(this.#directory, 'mosquitto.conf')],
      speaksOn: 'stderr',
      ready: /version \S+ running/,
    })
  }

  /** Ends it as a power cut would: no goodbye to anybody, nothing kept. */
  async kill(): Promise<void> {
    await this.#process.end('SIGKILL')
  }

  /**
   * Makes it write its sessions down now, and keep what it wrote over a kill; for a broker that was started with
   * `persistent` lines.
   */
  async save(): Promise<void> {
    const file = join(this.#directory, 'mosquitto.db')
    const before = statSync(file, { throwIfNoEntry: false })?.mtimeMs
    this.#process.signal('SIGUSR1')
    // Written beside and renamed: once it is there it is whole.
    while (statSync(file, { throwIfNoEntry: false })?.mtimeMs === before) {
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }

  /** Ends it as a service manager would: it writes down what it has, if it may. */
  async terminate(): Promise<void> {
    await this.#process.end('SIGTERM')
  }

  /** Lets it answer nobody any more, with all connections open; it can be killed still. */
  freeze(): void {
    this.#process.signal('SIGSTOP')
  }

  /** Lets it go on where it was frozen. */
  thaw(): void {
    this.#process.signal('SIGCONT')
  }

  /** Ends it and removes its files. */
  async stop(): Promise<void> {
    await this.kill()
    rmSync(this.#directory, { recursive: true, force: true })
  }
}
