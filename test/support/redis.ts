import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { MutualTls } from './certificates.js'
import { freePort } from './free-port.js'
import { ServerProcess } from './server-process.js'
import { without } from './without-program.js'

const SERVER = '/usr/bin/redis-server'

/** True where tests against a real Redis must be left out. */
export const withoutRedis = (): boolean =>
  without(
    existsSync(SERVER),
    'redis-server is not installed (Debian: apt-get install redis-server)',
  )

/** A real Redis on a free loopback port that writes down what it is told, as it would in the field. */
export class Redis {
  readonly port: number
  readonly #directory: string
  readonly #process = new ServerProcess()
  readonly #tls: MutualTls | undefined

  private constructor(port: number, directory: string, tls: MutualTls | undefined) {
    this.port = port
    this.#directory = directory
    this.#tls = tls
  }

  /** `tls`: speaks nothing else, and wants a certificate of its clients. */
  static async start(tls?: MutualTls): Promise<Redis> {
    const redis = new Redis(await freePort(), mkdtempSync(join(tmpdir(), 'alec-redis-')), tls)
    await redis.restart()
    return redis
  }

  get url(): string {
    return `${this.#tls ? 'rediss' : 'redis'}://127.0.0.1:${this.port}`
  }

  /** Starts it (again) on the same port with what it has written down; resolves when it listens. */
  async restart(): Promise<void> {
    const args = [...this.#listen(), '--bind', '127.0.0.1', '--dir', this.#directory]
    await this.#process.start({
      command: SERVER,
      args: [...args, '--save', '', '--appendonly', 'yes'],
      speaksOn: 'stdout',
      ready: /Ready to accept connections/,
    })
  }

  #listen(): string[] {
    if (!this.#tls) return ['--port', String(this.port)]
    const pems = Object.entries(this.#tls).map(([name, pem]) => {
      const path = join(this.#directory, `${name}.pem`)
      writeFileSync(path, pem)
      return [name, path] as const
    })
    const { ca = '', cert = '', key = '' } = Object.fromEntries(pems)
    const trust = ['--tls-ca-cert-file', ca, '--tls-auth-clients', 'yes']
    const port = ['--port', '0', '--tls-port', String(this.port)]
    return [...port, ...trust, '--tls-cert-file', cert, '--tls-key-file', key]
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    await this.#process.end('SIGKILL')
  }

  /** Makes it forget everything that it has written down; to be called while it is down. */
  wipe(): void {
    rmSync(this.#directory, { recursive: true, force: true })
    mkdirSync(this.#directory)
  }

  /** Ends it and removes its files. */
  async stop(): Promise<void> {
    await this.kill()
    rmSync(this.#directory, { recursive: true, force: true })
  }
}
