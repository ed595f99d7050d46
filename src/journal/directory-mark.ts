import { chmod } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import type { Clock } from '../clock.js'
import { errorCode } from './file-port.js'

/** What a process says of its mark: it is still looking for others, or the directory is its own. */
export type MarkState = 'claiming' | 'holding'

/** `gone`: nobody is behind the mark any more. `unclear`: its process is just beginning or ending. */
export type Answer = MarkState | 'gone' | 'unclear'

const PATIENCE_MS = 1_000
const EVERYBODY = 0o777

/** A socket file that answers with its state as long as its process lives; the kernel closes it with the process. */
export class DirectoryMark {
  state: MarkState = 'claiming'
  readonly #server: Server

  constructor() {
    this.#server = createServer((socket) => {
      // Who asked may be gone before the answer.
      socket.on('error', () => {})
      socket.end(this.state, () => socket.destroy())
    })
  }

  /** Puts the mark up; rejects as the system does. */
  async listen(path: string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(path, () => {
        this.#server.off('error', reject)
        // What fails later is an accept: who asked will ask again.
        this.#server.on('error', () => {})
        resolve()
      })
      this.#server.unref()
    })
    // Whoever may enter the directory may ask: what a dead root process left behind must not pass for alive because
    // nobody else may connect. Where this fails a rival has just removed the mark, and looking will show that.
    await chmod(path, EVERYBODY).catch(() => {})
  }

  /** Takes the mark down, its file as well; safe to call twice. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve())
    })
  }
}

/** Asks the mark at this path; never rejects. */
export function askMark(path: string, clock: Clock): Promise<Answer> {
  return new Promise((resolve) => {
    let text = ''
    const socket = connect(path)
    const conclude = (answer: Answer) => {
      undo()
      socket.destroy()
      resolve(answer)
    }
    // Whoever is there but does not speak (stopped, or busy for long) is alive.
    const undo = clock.setTimer(PATIENCE_MS, () => conclude('holding'))
    socket.setEncoding('latin1')
    socket.on('data', (chunk: string) => {
      text += chunk
    })
    socket.on('end', () => conclude(isState(text) ? text : 'unclear'))
    socket.on('error', (error) => conclude(ANSWERS[errorCode(error)] ?? 'holding'))
  })
}

const isState = (text: string): text is MarkState => text === 'claiming' || text === 'holding'

/** What a failed connection means; anything else (no permission, too many waiting) is no proof of death. */
const ANSWERS: Readonly<Record<string, Answer>> = {
  ENOENT: 'gone',
  ECONNREFUSED: 'gone',
  ECONNRESET: 'unclear',
  EPIPE: 'unclear',
}
