import { evolutionPeriod, versionAfter } from './context-version.js'
import { type Pattern, PatternDictionary } from './patterns.js'
import { type SourceRecord, SourceState, type SourceView } from './source-state.js'

export interface ContextOptions {
  /** How many values each source remembers: 100 in the library, 20 in its embedded build. */
  readonly historySize?: number
  /** At most 255 bytes of UTF-8. */
  readonly sensorType?: string
  /** Scale factor of the deltas: a delta of 1 is 1/scale. */
  readonly scale?: number
}

/** Where a context's counters stand. */
export interface ContextCounters {
  readonly version: number
  readonly observations: number
}

/** What both ends of a stream know: per source the running statistics, and the dictionary of patterns. */
export class Context {
  readonly historySize: number
  readonly sensorType: string
  readonly scale: number
  readonly #sources = new Map<number, SourceState>()
  #patterns = new PatternDictionary()
  #version = 0
  #observations = 0

  constructor({ historySize = 100, sensorType = '', scale = 100 }: ContextOptions = {}) {
    this.historySize = historySize
    this.sensorType = sensorType
    this.scale = scale
  }

  /** Not cut to the bits that frames and files carry. */
  get version(): number {
    return this.#version
  }

  /** Of all sources together. */
  get observations(): number {
    return this.#observations
  }

  /** Takes one value in, and evolves where it is the hundredth. */
  observe(key: number, value: number): void {
    this.#stateOf(key).observe(value)
    this.passOver()
  }

  /** Counts one observation that no source takes in: a closed-loop device does so with NaN and ±∞. */
  passOver(): void {
    this.#version = versionAfter(this.#version, this.#observations, 1)
    this.#observations++
    if (this.#observations % evolutionPeriod === 0) this.#patterns.evolve(this.#observations)
  }

  /** Makes a source known with last value 0 and nothing observed. */
  register(key: number): void {
    this.#stateOf(key)
  }

  /** Drops what is known of a source; version and total of observations stay. */
  forget(key: number): void {
    this.#sources.delete(key)
  }

  /** One source, as it stands and as it goes on; undefined where it is not known. */
  source(key: number): SourceView | undefined {
    return this.#sources.get(key)
  }

  /** Known sources in ascending order. */
  keys(): number[] {
    return [...this.#sources.keys()].sort((a, b) => a - b)
  }

  hasPrediction(key: number): boolean {
    return this.count(key) > 0
  }

  /** What the source will probably observe next; NaN where there is no prediction. */
  predict(key: number): number {
    const source = this.#sources.get(key)
    return source === undefined || source.count === 0 ? Number.NaN : source.prediction
  }

  /** How many values the source has observed. */
  count(key: number): number {
    return this.#sources.get(key)?.count ?? 0
  }

  /** The value observed last: 0 for a source that is only registered, NaN for one that is not known. */
  last(key: number): number {
    return this.#sources.get(key)?.last ?? Number.NaN
  }

  /** The running average; NaN for a source that is not known. */
  ema(key: number): number {
    return this.#sources.get(key)?.ema ?? Number.NaN
  }

  /** 0.5 to 0.95, from the variance of what was observed; 0 where there is no prediction. */
  confidence(key: number): number {
    return this.#sources.get(key)?.confidence ?? 0
  }

  get patternCount(): number {
    return this.#patterns.size
  }

  /** Registers bytes and returns their code; undefined where they exceed 255 bytes or 65535 patterns exist. */
  registerPattern(bytes: Uint8Array): number | undefined {
    const before = this.#patterns.size
    const code = this.#patterns.register(bytes)
    if (this.#patterns.size > before) this.#version++
    return code
  }

  pattern(code: number): Pattern | undefined {
    return this.#patterns.at(code)
  }

  /** What both ends compare to know that their dictionaries are the same. */
  hash(): bigint {
    return this.#patterns.hash()
  }

  /** The dictionary as it is; a copy, safe to change and to give back to `adopt`. */
  patterns(): PatternDictionary {
    return this.#patterns.clone()
  }

  /** Takes over a dictionary that came from elsewhere, with the version that it brings. */
  adopt(patterns: PatternDictionary, version: number): void {
    this.#patterns = patterns
    this.#version = version
  }

  /** Everything known of the sources in ascending key order; copies. */
  records(): SourceRecord[] {
    return this.keys().map((key) => this.#sources.get(key)!.record(key))
  }

  /** A context as it was when its counters, sources and dictionary, which it takes over, were stored. */
  static from(
    options: ContextOptions,
    counters: ContextCounters,
    sources: readonly SourceRecord[],
    patterns: PatternDictionary,
  ): Context {
    const context = new Context(options)
    context.#version = counters.version
    context.#observations = counters.observations
    context.#patterns = patterns
    for (const source of sources) context.#sources.set(source.key, SourceState.from(source))
    return context
  }

  #stateOf(key: number): SourceState {
    let source = this.#sources.get(key)
    if (source === undefined) {
      source = new SourceState(this.historySize)
      this.#sources.set(key, source)
    }
    return source
  }
}
