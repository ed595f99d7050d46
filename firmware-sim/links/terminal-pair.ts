import { closeSync, readdirSync, readlinkSync, writeSync } from 'node:fs'
import type { ReadStream } from 'node:tty'

/** The open end of a pseudo-terminal: what is written to it comes out of the terminal at `path`. */
export interface TerminalPair {
  /** The terminal that a bridge opens. */
  readonly path: string
  /** Writes now; false where not all of it fitted into the terminal, because nobody reads. */
  write(bytes: Uint8Array): boolean
  /** Hangs up, as pulling a USB plug does, and frees everything. */
  close(): void
}

/** What node-pty's `open` returns on Unix; its type declaration leaves the function out. */
interface NodePty {
  open(options: { readonly encoding: null }): {
    readonly fd: number
    readonly master: ReadStream
    readonly slave: ReadStream
    readonly ptsName: string
    on(event: 'error', listener: (error: Error) => void): void
  }
}

/**
 * Opens a pair: all 256 byte values pass both ways unchanged once a serial library has opened `path`, which
 * sets that end raw. Needs no privilege and no system package. Rejects where this platform has no prebuilt
 * node-pty or the system has no terminal left.
 */
export async function openTerminalPair(onData: (bytes: Uint8Array) => void): Promise<TerminalPair> {
  // Loaded only when a terminal is wanted: the rest of the simulation runs on any platform.
  const { open } = (await import('@lydell/node-pty')) as unknown as NodePty
  const pair = open({ encoding: null })
  const { fd, master, slave, ptsName: path } = pair
  const opened = descriptorsOf(path)
  // node-pty throws on an error that nobody listens to, unless there are two listeners besides its own.
  pair.on('error', () => {})
  master.on('error', () => {})
  master.on('data', onData)
  // The line discipline belongs to the pair: without raw mode it would echo what we send before a bridge opens.
  master.setRawMode(true)
  // This stream would eat the bytes that are meant for the bridge.
  await new Promise<void>((resolve) => {
    slave.once('close', () => resolve())
    slave.destroy()
  })
  // libuv has opened the terminal a second time and closed only that: the first descriptor is still ours.
  // While we hold it the line stays up, and keeps its mode, with no bridge on it.
  const ours = opened.filter((descriptor) => pathOf(descriptor) === path)
  let isOpen = true
  // Its number may soon be another file's.
  master.once('close', () => {
    isOpen = false
  })
  return {
    path,
    write: (bytes) => isOpen && writeNow(fd, bytes),
    close() {
      isOpen = false
      master.destroy()
      for (const descriptor of ours.splice(0)) closeSync(descriptor)
    },
  }
}

/** Past the stream: on a full terminal libuv would try again and again, and nothing else would run any more. */
function writeNow(fd: number, bytes: Uint8Array): boolean {
  try {
    return writeSync(fd, bytes) === bytes.length
  } catch {
    // EAGAIN: full. A terminal that has hung up takes nothing either.
    return false
  }
}

/** This process's descriptors of a file; none where the system has no /proc. */
function descriptorsOf(path: string): number[] {
  try {
    return readdirSync('/proc/self/fd')
      .map(Number)
      .filter((descriptor) => pathOf(descriptor) === path)
  } catch {
    return []
  }
}

function pathOf(descriptor: number): string | undefined {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`)
  } catch {
    return undefined
  }
}
