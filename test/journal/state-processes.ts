import { type ChildProcess, execFileSync, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { SaveOutcome } from '../../src/journal/index.js'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const PROGRAM = fileURLToPath(new URL('./state-process.mjs', import.meta.url))
const require = createRequire(import.meta.url)

/** What a process said of a lock: that it has the directory, or why not. */
export type Said =
  | 'held'
  | { readonly code: string; readonly pid?: number; readonly message: string }

/** Real processes on real state directories; they run this source, compiled into a folder of its own. */
export class StateProcesses {
  readonly directory = mkdtempSync(join(tmpdir(), 'alec-state-'))
  readonly #code = mkdtempSync(join(tmpdir(), 'alec-code-'))
  readonly #children = new Set<ChildProcess>()

  constructor() {
    const compiler = join(dirname(require.resolve('typescript/package.json')), 'bin/tsc')
    const options = '--ignoreConfig --noCheck --module nodenext --target es2022 --rootDir src'
    const args = [compiler, 'src/journal/index.ts', ...options.split(' '), '--outDir', this.#code]
    execFileSync(process.execPath, args, { cwd: ROOT })
    writeFileSync(join(this.#code, 'package.json'), '{"type":"module"}')
  }

  /** A process that saves without end; `onSaved` hears every outcome. */
  startSaving(directory: string, onSaved: (outcome: SaveOutcome) => void): ChildProcess {
    return this.#start('save', directory).on('message', onSaved)
  }

  /** A process that appends to a journal without end; `onSaid` hears the newest entry that is safe, or any trouble. */
  startAppending(directory: string, onSaid: (said: number | object) => void): ChildProcess {
    return this.#start('append', directory).on('message', onSaid)
  }

  /** Resolves when the process has said whether it has the directory. */
  async startLocking(directory: string): Promise<{ child: ChildProcess; said: Said }> {
    const child = this.#start('lock', directory)
    const [said] = (await once(child, 'message')) as [Said]
    return { child, said }
  }

  /** Ends a process: by asking it to give the directory back, or by a signal. */
  async end(child: ChildProcess, how: 'release' | 'SIGKILL' | 'SIGTERM'): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return
    const exit = once(child, 'exit')
    if (how === 'release') child.send('release')
    else child.kill(how)
    await exit
  }

  /** Ends those that are left and removes the files. */
  async stop(): Promise<void> {
    await Promise.all([...this.#children].map((child) => this.end(child, 'SIGKILL')))
    for (const folder of [this.directory, this.#code])
      rmSync(folder, { recursive: true, force: true })
  }

  #start(verb: 'lock' | 'save' | 'append', directory: string): ChildProcess {
    const child = fork(PROGRAM, [this.#code, verb, directory], { execArgv: [] })
    this.#children.add(child)
    return child.once('exit', () => this.#children.delete(child))
  }
}
