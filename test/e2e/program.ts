import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { endsWithUs } from '../support/ends-with-us.js'
import { LineLog } from './line-log.js'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** The program as it is installed. */
export const CLI = join(ROOT, 'dist/src/cli.js')

/** Fails where what would run is not what is written: `npm test` builds it, a bare `vitest` does not. */
export function assertBuilt(): void {
  const built = statSync(CLI, { throwIfNoEntry: false })
  if (!built) throw new Error('dist/src/cli.js is missing: run `npm run build` first')
  for (const folder of ['src', 'firmware-sim']) {
    for (const file of readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })) {
      if (!/\.(tsx?|css)$/.test(file)) continue
      if (statSync(join(ROOT, folder, file)).mtimeMs > built.mtimeMs)
        throw new Error(`dist is older than ${folder}/${file}: run \`npm run build\` first`)
    }
  }
}

export interface ProgramOptions {
  /** All that it reads on stdin. */
  readonly input?: string
  /** Beside this process's own. */
  readonly env?: Readonly<Record<string, string>>
  /** Where to leave what ends it; by default it ends with the test. */
  readonly onDone?: (end: () => Promise<void>) => void
}

/** A process of its own, whose output is read and which does not outlive the test that started it. */
export class Program {
  readonly stdout = new LineLog('stdout')
  readonly stderr = new LineLog('stderr')
  readonly startedAt = performance.now()
  readonly #child: ChildProcess
  readonly #ended: Promise<void>

  private constructor(
    command: string,
    args: readonly string[],
    { input, env = {}, onDone = onTestFinished }: ProgramOptions = {},
  ) {
    // Each has a home of its own for its state, so that they do not keep each other out.
    const stateHome = mkdtempSync(join(tmpdir(), 'alec-state-'))
    // A group of its own: then one look shows whether it has left children behind.
    this.#child = spawn(command, args, {
      cwd: ROOT,
      detached: true,
      env: { ...process.env, XDG_STATE_HOME: stateHome, ...env },
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    })
    for (const [stream, log] of [
      [this.#child.stdout, this.stdout],
      [this.#child.stderr, this.stderr],
    ] as const) {
      stream?.setEncoding('utf8')
      stream?.on('data', (chunk: string) => log.push(chunk))
    }
    // After `close` all output has been read, too.
    this.#ended = new Promise((resolve, reject) => {
      this.#child.once('close', () => resolve())
      this.#child.once('error', reject)
    })
    if (input !== undefined) {
      this.#child.stdin?.on('error', () => {})
      this.#child.stdin?.end(input)
    }
    const forget = endsWithUs(this.#child, 'group')
    onDone(async () => {
      this.kill()
      await this.#ended
      rmSync(stateHome, { recursive: true, force: true })
      forget()
    })
  }

  /** Runs a verb of the program. */
  static start(args: readonly string[], options?: ProgramOptions): Program {
    assertBuilt()
    return new Program(process.execPath, [CLI, ...args], options)
  }

  /** Runs any other program, such as `mosquitto_sub`. */
  static other(command: string, args: readonly string[]): Program {
    return new Program(command, args)
  }

  get pid(): number {
    const { pid } = this.#child
    if (pid === undefined) throw new Error('it did not start')
    return pid
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** Whether it, or any process that it started, is still there. */
  get hasLeftovers(): boolean {
    try {
      return process.kill(-this.pid, 0)
    } catch {
      return false
    }
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name)
  }

  /** Ends the whole group at once. */
  kill(): void {
    try {
      process.kill(-this.pid, 'SIGKILL')
    } catch {
      // It has ended already.
    }
  }

  /** Its exit code (or the signal that ended it), once it has ended; rejects where it takes longer. */
  async ended(limitMs = 10_000): Promise<number | string | null> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new Error(`still running after ${limitMs} ms: ${this.stderr.text}`)),
        limitMs,
      )
    })
    await Promise.race([this.#ended, late]).finally(() => clearTimeout(timer))
    return this.#child.exitCode ?? this.#child.signalCode
  }
}
