import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stringify } from 'yaml'
import { endsWithUs } from '../support/ends-with-us.js'

/** The program as it is installed, whether this file itself runs from its source or is compiled. */
const CLI = ['../../dist/src/cli.js', '../../src/cli.js']
  .map((path) => fileURLToPath(new URL(path, import.meta.url)))
  .find((path) => existsSync(path)) as string

/** `alec-bridge run` as a process of its own that can be killed and started again on the same state. */
export class BridgeProcess {
  readonly stateDir: string
  readonly #config: string
  readonly #args: readonly string[]
  readonly #nodeArgs: readonly string[]
  #child: ChildProcess | undefined
  #ended: Promise<number | null> = Promise.resolve(null)
  /** Its log, line by line, over all runs. */
  readonly log: Readonly<Record<string, unknown>>[] = []
  /** What it wrote that was no line of its log. */
  stderr = ''

  /** `directory` holds the configuration and the state; `nodeArgs` are for the engine that runs it. */
  constructor(
    directory: string,
    configuration: object,
    args: readonly string[] = [],
    nodeArgs: readonly string[] = [],
  ) {
    this.stateDir = join(directory, 'state')
    this.#config = join(directory, 'alec-bridge.yaml')
    this.#args = args
    this.#nodeArgs = nodeArgs
    writeFileSync(this.#config, stringify(configuration))
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  /** Starts it; resolves once it says that it has. */
  start(): Promise<void> {
    const run = [CLI, 'run', '-c', this.#config, '--state-dir', this.stateDir, ...this.#args]
    const args = [...this.#nodeArgs, ...run]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    this.#child = child
    const forget = endsWithUs(child)
    this.#ended = new Promise((resolve) => {
      child.once('close', (code) => {
        forget()
        resolve(code)
      })
    })
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text
    })
    return new Promise((resolve, reject) => {
      let rest = ''
      child.stdout?.setEncoding('utf8').on('data', (text: string) => {
        const lines = `${rest}${text}`.split('\n')
        rest = lines.pop() ?? ''
        for (const line of lines) {
          const entry = JSON.parse(line) as Record<string, unknown>
          this.log.push(entry)
          if (entry.msg === 'bridge started') resolve()
        }
      })
      child.once('close', (code) =>
        reject(new Error(`it ended with ${code} before it had started: ${this.stderr}`)),
      )
    })
  }

  signal(name: NodeJS.Signals): void {
    this.#child?.kill(name)
  }

  /** Resolves to its exit code, null where a signal ended it. */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    this.#child?.kill(signal)
    return this.#ended
  }
}
