import { type BucketPolicy, FULL_BUCKET, hasToken, takeToken } from '../resilience/index.js'

/** From least to most important. */
export type LogLineLevel = 'debug' | 'info' | 'warn' | 'error' | 'fatal'

export interface LogLine {
  readonly level: LogLineLevel
  readonly facts: object
  readonly message: string
  /** When it was said, Unix milliseconds: a line that comes late still says when. */
  readonly wall: number
}

export interface LogLimitPolicy {
  /** Lines of the whole process in any second. */
  readonly perSecond: number
  /** How many of these are kept for errors. */
  readonly forErrors: number
  /** Lines of one kind. */
  readonly ofOneKind: BucketPolicy
  /** Kinds that are told apart. */
  readonly kinds: number
}

export const defaultLogLimitPolicy: LogLimitPolicy = Object.freeze({
  perSecond: 20,
  forErrors: 5,
  ofOneKind: Object.freeze({ perSecond: 0.1, burst: 5 }),
  kinds: 200,
})

interface Kind {
  fullAt: number
  /** The latest line that could not be written yet. */
  held: LogLine | undefined
  /** Lines of this kind that a later one has taken the place of. */
  repeats: number
}

const SECOND_MS = 1000
const IMPORTANT: readonly LogLineLevel[] = ['error', 'fatal']

/**
 * Keeps a log from filling a disk: so many lines a second, and few of one kind. Of what is too much, the latest of
 * each kind is held and comes when there is room, so that the last word on a matter is never lost; what others took the
 * place of is counted as its `repeats`, what was forgotten for lack of room as `unwritten`. Times are monotonic.
 */
export class LogLimit {
  readonly #policy: LogLimitPolicy
  /** The kind that was said longest ago is first. */
  readonly #kinds = new Map<string, Kind>()
  /** When the last lines were written, a ring. */
  readonly #writtenAt: Float64Array
  #written = 0
  #held = 0
  #unwritten = 0

  constructor(policy: LogLimitPolicy = defaultLogLimitPolicy) {
    this.#policy = policy
    this.#writtenAt = new Float64Array(policy.perSecond).fill(Number.NEGATIVE_INFINITY)
  }

  /** Whether lines wait. */
  get holds(): boolean {
    return this.#held > 0
  }

  /** The line, where it may be written now; else it is held. */
  offer(line: LogLine, now: number): LogLine | undefined {
    const key = kindOf(line)
    const kind = this.#kinds.get(key) ?? { fullAt: FULL_BUCKET, held: undefined, repeats: 0 }
    this.#kinds.delete(key)
    this.#kinds.set(key, kind)
    this.#hold(kind, line)
    if (this.#kinds.size > this.#policy.kinds) this.#forgetOldest()
    return this.#mayWrite(kind, line.level, now) ? this.#release(kind, now) : undefined
  }

  /** Held lines that may be written now: errors first, then in the order in which they were said. */
  due(now: number): LogLine[] {
    const lines: LogLine[] = []
    for (const { kind, line } of this.#heldLines())
      if (this.#mayWrite(kind, line.level, now)) lines.push(this.#release(kind, now))
    return lines
  }

  /** What is held, at the end: as many as one second may have. */
  rest(now: number): LogLine[] {
    const held = this.#heldLines()
    const last = held.slice(0, this.#policy.perSecond)
    for (const { kind } of held.slice(last.length)) this.#forget(kind)
    return last.map(({ kind }) => this.#release(kind, now))
  }

  #hold(kind: Kind, line: LogLine): void {
    if (kind.held) kind.repeats++
    else this.#held++
    kind.held = line
  }

  #release(kind: Kind, now: number): LogLine {
    const { held, repeats } = kind
    if (!held) throw new Error('no line is held')
    const counts = {
      ...(repeats > 0 && { repeats }),
      ...(this.#unwritten > 0 && { unwritten: this.#unwritten }),
    }
    kind.held = undefined
    kind.repeats = 0
    kind.fullAt = takeToken(kind.fullAt, now, this.#policy.ofOneKind)
    this.#held--
    this.#unwritten = 0
    this.#writtenAt[this.#written++ % this.#policy.perSecond] = now
    return { ...held, facts: { ...held.facts, ...counts } }
  }

  #forget(kind: Kind): void {
    if (!kind.held) return
    this.#unwritten += 1 + kind.repeats
    this.#held--
    kind.held = undefined
    kind.repeats = 0
  }

  #forgetOldest(): void {
    for (const [key, kind] of this.#kinds) {
      this.#forget(kind)
      this.#kinds.delete(key)
      return
    }
  }

  #heldLines(): { readonly kind: Kind; readonly line: LogLine }[] {
    const held: { kind: Kind; line: LogLine }[] = []
    for (const kind of this.#kinds.values()) if (kind.held) held.push({ kind, line: kind.held })
    const rank = ({ line }: { line: LogLine }) => (IMPORTANT.includes(line.level) ? 0 : 1)
    return held.sort((a, b) => rank(a) - rank(b))
  }

  #mayWrite(kind: Kind, level: LogLineLevel, now: number): boolean {
    // It is the last that the process says.
    if (level === 'fatal') return true
    const { perSecond, forErrors, ofOneKind } = this.#policy
    const limit = IMPORTANT.includes(level) ? perSecond : perSecond - forErrors
    // The line so many lines ago: only if it is a second old, this one is within the limit.
    const before = this.#writtenAt[(this.#written + perSecond - limit) % perSecond] ?? now
    return now - before >= SECOND_MS && hasToken(kind.fullAt, now, ofOneKind)
  }
}

/** Lines that differ in numbers alone (counters, attempts) are repeats of each other. */
function kindOf({ level, facts, message }: LogLine): string {
  const words = Object.values(facts).filter((fact) => typeof fact === 'string')
  return [level, message, ...words].join('\n')
}
