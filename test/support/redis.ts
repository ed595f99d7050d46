import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { MutualTls } from './certificates.js'
import { freePort } from './free-port.js'

const SERVER = '/usr/bin/redis-server'

/**
 * True where tests against a real Redis must be left out, which it says on the terminal. On a CI machine it is expected,
 * and its absence fails the suite.
 */
export function withoutRedis(): boolean {
  if (existsSync(SERVER)) return false
  const hint = 'redis-server is not installed (Debian: apt-get install redis-server)'
  if (process.env.CI === 'true') throw new Error(hint)
  console.warn(`SKIPPED: ${hint}`)
  return true
}

/** A real Redis on a free loopback port that writes down what it is told, as it would in the field. */
export class Redis {
  readonly port: number
  readonly #directory: string
  #process: ChildProcess | undefined

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
    await this.kill()
    const args = [...this.#listen(), '--bind', '127.0.0.1', '--dir', this.#directory]
    const child = spawn(SERVER, [...args, '--save', '', '--appendonly', 'yes'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    this.#process = child
    const kill = () => child.kill('SIGKILL')
    process.once('exit', kill)
    child.once('exit', () => process.removeListener('exit', kill))
    await new Promise<void>((resolve, reject) => {
      let log = ''
      child.stdout?.on('data', (chunk) => {
        log += String(chunk)
        if (log.includes('Ready to accept connections')) resolve()
      })
      child.once('error', reject)
      child.once('exit', (code) => reject(new Error(`redis-server ended with ${code}: ${log}`)))
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
    const child = this.#process
    this.#process = undefined
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const exited = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await exited
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
