import { join } from 'node:path'
import { type AppendFile, errorCode, errorMessage, type FilePort, namesIn } from './file-port.js'

/** So many captures are kept: whoever may ask for them must not fill the disk. */
const MOST = 20
const SUFFIX = '.txt'

export type CreatedCapture =
  | { readonly ok: true; readonly path: string; readonly file: AppendFile }
  | { readonly ok: false; readonly problem: string }

/** Files that frames are captured into, in `captures/`; who asks for one gives it a name, never a place. */
export class CaptureFiles {
  readonly #files: FilePort
  readonly #directory: string

  constructor(stateDirectory: string, files: FilePort) {
    this.#directory = join(stateDirectory, 'captures')
    this.#files = files
  }

  /** Makes a new file of this name (an id), which may become so large. Never rejects. */
  async create(name: string, maxBytes: number): Promise<CreatedCapture> {
    const path = join(this.#directory, `${name}${SUFFIX}`)
    try {
      await this.#files.makeDirectory(this.#directory)
      const names = await namesIn(this.#files, this.#directory)
      if (names.length >= MOST)
        return refuse(`there are ${names.length} captures in ${this.#directory}: remove some`)
      // The journal and the state need room, too.
      const free = await this.#files.free(this.#directory)
      if (free < 2 * maxBytes)
        return refuse(`the disk has ${free} bytes left: a capture takes no more than half of them`)
      await this.#files.write(path, new Uint8Array())
      await this.#files.syncDirectory(this.#directory)
      return { ok: true, path, file: await this.#files.append(path) }
    } catch (error) {
      const exists = errorCode(error) === 'EEXIST'
      return refuse(exists ? `there is a capture ${name} already` : errorMessage(error))
    }
  }
}

const refuse = (problem: string): CreatedCapture => ({ ok: false, problem })
