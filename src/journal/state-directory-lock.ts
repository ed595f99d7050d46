import { randomBytes } from 'node:crypto'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../clock.js'
import { askMark, DirectoryMark } from './directory-mark.js'
import { diskFiles } from './disk-files.js'
import { discard, errorMessage } from './file-port.js'
import { StateError } from './state-error.js'

export interface StateDirectoryLockOptions {
  /** Is there. */
  readonly directory: string
  readonly clock: Clock
}

const MARK = /^lock-(\d+)-[0-9a-f]{16}$/
/** What a socket's address holds, in bytes. Measured: Node 20 cuts a longer one without a word and listens elsewhere. */
const LONGEST_ADDRESS = 103
/** How long two that begin at the same moment may need until one of them has stepped back. */
const LOOKS = 100
const LOOK_MS = 20

/**
 * Keeps a second bridge out of a state directory.
 *
 * Every process first puts up a mark of its own, then looks for the marks of others, and has the directory only where
 * none of them is alive. A mark is a Unix socket: a process that dies in whatever way takes it down, so nothing has
 * to be guessed from process ids, which come round and mean nothing in another container on the same volume. As no
 * name is used twice, dead marks can be removed by anyone at any time, and as everybody marks before looking, of two
 * at least one sees the other. Where both are still looking, the one with the smaller name waits for the other to
 * step back.
 */
export class StateDirectoryLock {
  readonly #options: StateDirectoryLockOptions
  #claim: Claim | undefined

  constructor(options: StateDirectoryLockOptions) {
    this.#options = options
  }

  /**
   * Takes the directory; safe to call twice. Rejects with `ERR_STATE_IN_USE` and the `pid` of the one that has it, or
   * with `ERR_STATE_LOCK` where the disk allows no socket (read-only, full, no such directory).
   */
  async acquire(): Promise<void> {
    while (!this.#claim) {
      const claim = await this.#putUp().catch((cause) => this.#fail(cause))
      try {
        if (await this.#prevails(claim)) this.#claim = claim
      } catch (cause) {
        this.#fail(cause)
      } finally {
        if (!this.#claim) await claim.takeDown()
      }
    }
  }

  /** Gives the directory back; safe to call twice. */
  async release(): Promise<void> {
    const claim = this.#claim
    this.#claim = undefined
    await claim?.takeDown()
  }

  async #putUp(): Promise<Claim> {
    const name = `lock-${process.pid}-${randomBytes(8).toString('hex')}`
    const { base, close } = await placeOf(this.#options.directory, name)
    const mark = new DirectoryMark()
    const takeDown = async () => {
      await mark.close()
      await close()
    }
    try {
      await mark.listen(join(base, name))
    } catch (error) {
      await takeDown()
      throw error
    }
    return { name, mark, base, takeDown }
  }

  /** True where the directory is this claim's; false where its mark is gone, and another one is due. */
  async #prevails({ name, mark, base }: Claim): Promise<boolean> {
    let rival = name
    for (let look = 0; look < LOOKS; look++) {
      const sight = await this.#look(name, base)
      if (!sight.marked) return false
      if (sight.rival === undefined) {
        mark.state = 'holding'
        return true
      }
      rival = sight.rival
      await new Promise<void>((resolve) => {
        this.#options.clock.setTimer(LOOK_MS, resolve)
      })
    }
    throw this.#inUse(rival)
  }

  async #look(own: string, base: string): Promise<{ marked: boolean; rival?: string }> {
    let marked = false
    let rival: string | undefined
    for (const name of await diskFiles.list(base)) {
      if (name === own) marked = true
      if (name === own || !MARK.test(name)) continue
      const path = join(base, name)
      const answer = await askMark(path, this.#options.clock)
      if (answer === 'holding' || (answer === 'claiming' && name < own)) throw this.#inUse(name)
      // Also one that was alive a moment ago has to be looked for again: between the making of a socket's file and
      // its listening a rival takes the mark for dead, and may have removed ours.
      rival = name
      if (answer === 'gone') await discard(diskFiles, path)
    }
    return { marked, ...(rival !== undefined && { rival }) }
  }

  #fail(cause: unknown): never {
    if (cause instanceof StateError) throw cause
    const { directory } = this.#options
    const message = `the state directory ${directory} cannot be locked: ${errorMessage(cause)}`
    throw new StateError('ERR_STATE_LOCK', message, { cause })
  }

  #inUse(name: string): StateError {
    const pid = Number(MARK.exec(name)?.[1])
    const message = `the state directory ${this.#options.directory} is in use by process ${pid}`
    return new StateError('ERR_STATE_IN_USE', message, { pid })
  }
}

interface Claim {
  readonly name: string
  readonly mark: DirectoryMark
  /** The directory, as sockets can be addressed in it. */
  readonly base: string
  takeDown(): Promise<void>
}

interface Place {
  readonly base: string
  close(): Promise<void>
}

/** A directory whose path is too long for a socket's address is reached by a descriptor of it. */
async function placeOf(directory: string, name: string): Promise<Place> {
  if (Buffer.byteLength(join(directory, name)) <= LONGEST_ADDRESS) {
    return { base: directory, close: async () => {} }
  }
  if (process.platform !== 'linux') throw new Error('its path is too long for a socket')
  const handle = await open(directory)
  return { base: `/proc/self/fd/${handle.fd}`, close: () => handle.close() }
}
