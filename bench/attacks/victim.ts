import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { endsWithUs } from '../../test/support/ends-with-us.js'

/** The folder of package.json, from the sources as well as from what is built of them. */
const ROOT = (() => {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder)
  return folder
})()

/** The program itself, with a broker of its own: one device over MQTT, one whose frames are in JSON. */
const CONFIG = `version: 1
bridge: { id: victim }
log: { level: warn }
broker: { embedded: { port: 0 } }
models: { m: { frames: compact, interval: 1s, channels: [{ name: t, resolution: 0.1, min: -40, max: 85 }] } }
sources:
  - mqtt: { topic: 'alec/{device}/frame' }
  - mqtt: { topic: 'up/{device}', payload: { json: a.b } }
devices: { n-1: { model: m }, n-2: { model: m } }
`

/** The program; the broker alone, and one that lets as many connections in as come; or nobody. */
export type VictimKind = 'program' | 'broker' | 'sink'

/** A process that is attacked. */
export class Victim {
  readonly port: number
  readonly #child: ChildProcess
  readonly #directory: string
  #output = ''

  private constructor(child: ChildProcess, directory: string, port: number) {
    this.#child = child
    this.#directory = directory
    this.port = port
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk) => {
        this.#output = (this.#output + String(chunk)).slice(-4000)
      })
    }
  }

  static async start(kind: VictimKind = 'program'): Promise<Victim> {
    const directory = mkdtempSync(join(tmpdir(), 'alec-victim-'))
    const config = join(directory, 'alec-bridge.yaml')
    writeFileSync(config, CONFIG)
    const state = join(directory, 'state')
    const args =
      kind !== 'program'
        ? [join(ROOT, `dist/bench/attacks/${kind}-process.js`)]
        : [
            join(ROOT, 'dist/src/cli.js'),
            'run',
            '-c',
            config,
            '--broker-port',
            '0',
            '--state-dir',
            state,
          ]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    child.once('exit', endsWithUs(child))
    let said = ''
    const port = await new Promise<number>((resolve, reject) => {
      child.stderr?.on('data', (chunk) => {
        said += String(chunk)
        const [, found] = /broker: mqtt:\/\/127\.0\.0\.1:(\d+)/.exec(said) ?? []
        if (found !== undefined) resolve(Number(found))
      })
      child.once('error', reject)
      child.once('exit', (code) => reject(new Error(`it ended with ${code}: ${said}`)))
    })
    return new Victim(child, directory, port)
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.port}`
  }

  get isAlive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** The last of what it printed. */
  get output(): string {
    return this.#output
  }

  /** Resident memory in MiB. */
  get rss(): number {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8')
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024
  }

  async stop(): Promise<void> {
    if (this.isAlive) {
      const exited = new Promise((resolve) => this.#child.once('exit', resolve))
      this.#child.kill('SIGKILL')
      await exited
    }
    rmSync(this.#directory, { recursive: true, force: true })
  }
}
