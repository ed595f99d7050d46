import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, renameSync, rmSync, symlinkSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ReadStream } from 'node:tty'
import { fileURLToPath } from 'node:url'
import nodePty from '@lydell/node-pty'

/** The firmware's side of a pseudo-terminal; `path` is what the bridge opens. */
export interface PseudoTerminal {
  readonly path: string
  /** Takes nothing any more, as a node that hangs: what is sent to it fills the terminal. */
  pause(): void
  /** Sends bytes to whoever has the terminal open; throws where they do not fit (some 20 kB unread). */
  write(bytes: Uint8Array): void
  onData(listener: (chunk: Uint8Array) => void): void
  close(): void
}

/** What `open` of the library returns; its types leave it out. */
interface Pair {
  readonly _fd: number
  readonly _pty: string
  readonly _master: ReadStream
  readonly _slave: ReadStream
}

/** A pseudo-terminal of this process, for what needs no unplugging. */
export function openPseudoTerminal(): PseudoTerminal {
  const { open } = nodePty as unknown as { open(options: { encoding: null }): Pair }
  const pair = open({ encoding: null })
  // Raw before anybody opens it: a terminal echoes what it gets until then, as if it were downlinks.
  pair._slave.setRawMode(true)
  // The library's own reader would eat the bytes.
  pair._slave.destroy()
  return {
    path: pair._pty,
    pause: () => pair._master.pause(),
    write(bytes) {
      // Not by the stream: it would wait, and the whole process with it, until somebody reads.
      const written = writeSync(pair._fd, bytes)
      if (written < bytes.length) throw new Error(`only ${written} of ${bytes.length} bytes fit`)
    },
    onData: (listener) => pair._master.on('data', listener),
    close: () => pair._master.destroy(),
  }
}

const HOLDER = fileURLToPath(new URL('./pseudo-terminal-holder.mjs', import.meta.url))

/** A pseudo-terminal in a process of its own, that can be unplugged and comes back under the same path. */
export class PluggableTerminal {
  /** A link, as below `/dev/serial/by-id`: gone while unplugged. */
  readonly path: string
  readonly #directory = mkdtempSync(join(tmpdir(), 'alec-pty-'))
  readonly #listeners: ((chunk: Uint8Array) => void)[] = []
  #holder: ChildProcess | undefined

  constructor() {
    this.path = join(this.#directory, 'usb-adapter')
  }

  /** Resolves when the terminal can be opened at `path`. */
  async plug(): Promise<void> {
    const holder = spawn(process.execPath, [HOLDER], { stdio: ['pipe', 'pipe', 'inherit', 'ipc'] })
    this.#holder = holder
    // The pipe breaks when the holder is killed; what was on its way is lost, as it should be.
    holder.stdin?.on('error', () => {})
    holder.stdout?.on('data', (chunk: Uint8Array) => {
      for (const listener of this.#listeners) listener(chunk)
    })
    const [terminal] = (await once(holder, 'message')) as [string]
    const link = `${this.path}.new`
    symlinkSync(terminal, link)
    renameSync(link, this.path)
  }

  /** Pulls the plug: the terminal is gone for whoever has it open, and so is its link. */
  async unplug(): Promise<void> {
    const holder = this.#holder
    this.#holder = undefined
    rmSync(this.path, { force: true })
    if (!holder) return
    const exit = once(holder, 'exit')
    holder.kill('SIGKILL')
    await exit
  }

  write(bytes: Uint8Array): void {
    this.#holder?.stdin?.write(bytes)
  }

  onData(listener: (chunk: Uint8Array) => void): void {
    this.#listeners.push(listener)
  }

  /** The node hangs: it takes nothing any more, and sends nothing, until it is unplugged. */
  hang(): void {
    this.#holder?.kill('SIGSTOP')
  }

  /**
   * Sends `bytes` at the pace of a UART, whoever listens or not; what the system has no room for is lost, as
   * in a UART that overruns. Resolves when they are sent, with how many of them were lost.
   */
  async stream(bytes: Uint8Array, baudRate: number): Promise<number> {
    const holder = this.#holder
    if (!holder) throw new Error('unplugged')
    const done = once(holder, 'message')
    holder.send({ baudRate, base64: Buffer.from(bytes).toString('base64') })
    const [{ lost }] = (await done) as [{ lost: number }]
    return lost
  }

  async close(): Promise<void> {
    await this.unplug()
    rmSync(this.#directory, { recursive: true, force: true })
  }
}
