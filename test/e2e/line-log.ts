/** A line of a program's output, and when it was read (monotonic milliseconds). */
export interface LoggedLine {
  readonly text: string
  readonly at: number
}

/** What a program has printed so far, line by line; tests wait here for what it will print. */
export class LineLog {
  readonly lines: LoggedLine[] = []
  readonly #name: string
  readonly #waiting = new Set<() => void>()
  #unfinished = ''

  constructor(name: string) {
    this.#name = name
  }

  /** All of it; the last line may lack its end. */
  get text(): string {
    return this.lines.map(({ text }) => `${text}\n`).join('') + this.#unfinished
  }

  push(chunk: string): void {
    const at = performance.now()
    const [first = '', ...rest] = chunk.split('\n')
    let line = this.#unfinished + first
    for (const next of rest) {
      this.lines.push({ text: line, at })
      line = next
    }
    this.#unfinished = line
    for (const look of [...this.#waiting]) look()
  }

  /** The JSON documents among the lines. */
  get documents(): Record<string, unknown>[] {
    return this.lines.flatMap(({ text }) => {
      const document = documentOf(text)
      return document ? [document] : []
    })
  }

  /** Resolves with what `find` makes of the lines, once it makes something; rejects with the last of them. */
  until<T>(
    what: string,
    find: (log: LineLog) => T | undefined | false,
    limitMs = 10_000,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(look)
        const last = this.lines.slice(-10).map(({ text }) => `\n  ${text}`)
        reject(new Error(`${what}: not on ${this.#name} in ${limitMs} ms; the last lines:${last}`))
      }, limitMs)
      const look = () => {
        const found = find(this)
        if (found === undefined || found === false) return
        clearTimeout(timer)
        this.#waiting.delete(look)
        resolve(found)
      }
      this.#waiting.add(look)
      look()
    })
  }
}

function documentOf(text: string): Record<string, unknown> | undefined {
  try {
    const document: unknown = JSON.parse(text)
    return typeof document === 'object' && document !== null
      ? (document as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}
