import { lstat, readlink, rename, symlink, unlink } from 'node:fs/promises'
import type { Line } from './line.js'
import type { Link, LinkCounters, OnDownlink } from './link.js'
import { openTerminalPair, type TerminalPair } from './terminal-pair.js'

export interface PtyLinkOptions {
  /** A path that always leads to the terminal of the moment, as a by-id path of a USB adapter does. */
  readonly symlink?: string
}

/** A serial line on a pseudo-terminal. Stopping it hangs up like a pulled plug; started again it is a new one. */
export class PtyLink implements Link {
  readonly #line: Line
  readonly #symlink: string | undefined
  #pair: TerminalPair | undefined
  #opening: Promise<void> | undefined

  constructor(line: Line, options: PtyLinkOptions = {}) {
    this.#line = line
    this.#symlink = options.symlink
  }

  get id(): string {
    return this.#line.id
  }

  get address(): string | undefined {
    return this.#pair && (this.#symlink ?? this.#pair.path)
  }

  get counters(): LinkCounters {
    return this.#line.tally.snapshot()
  }

  start(onDownlink: OnDownlink): Promise<void> {
    this.#opening ??= this.#open(onDownlink).catch((error: unknown) => {
      this.#opening = undefined
      throw error
    })
    return this.#opening
  }

  async stop(): Promise<void> {
    await this.#opening?.catch(() => {})
    this.#opening = undefined
    const pair = this.#pair
    if (!pair) return
    this.#pair = undefined
    pair.close()
    if (this.#symlink && (await targetOf(this.#symlink)) === pair.path) await unlink(this.#symlink)
  }

  send(device: string, frame: Uint8Array): void {
    // With nobody at the other end the kernel keeps some kB; what no longer fits there is lost, as on a wire.
    this.#line.send(device, frame, (bytes) => this.#pair?.write(bytes) ?? false)
  }

  async #open(onDownlink: OnDownlink): Promise<void> {
    const receiver = this.#line.receiver(onDownlink)
    const pair = await openTerminalPair((chunk) => receiver.push(chunk))
    try {
      if (this.#symlink) await pointTo(this.#symlink, pair.path)
    } catch (error) {
      pair.close()
      throw error
    }
    this.#pair = pair
  }
}

/** Replaces a symlink in one step, so that a bridge never finds it missing; refuses to replace anything else. */
async function pointTo(path: string, target: string): Promise<void> {
  const there = await lstat(path).catch(() => undefined)
  if (there && !there.isSymbolicLink()) throw new LinkPathError(path)
  const next = `${path}.${process.pid}.new`
  await symlink(target, next)
  await rename(next, path)
}

const targetOf = (path: string): Promise<string | undefined> =>
  readlink(path).catch(() => undefined)

/** The path of a symlink to a terminal is taken by something that is no symlink. */
export class LinkPathError extends Error {
  readonly code = 'ERR_LINK_PATH'
  override readonly name = 'LinkPathError'

  constructor(path: string) {
    super(`${path} exists and is no symbolic link`)
  }
}
