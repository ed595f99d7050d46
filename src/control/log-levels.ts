import type { LogConfig, LogLevel, LogPart } from '../config/index.js'

/** From the least to the most important; `silent` is above all. */
const ORDER: readonly LogLevel[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']

/** Which lines of the log are written, of the whole bridge and of each part of it; it can be changed at any time. */
export class LogLevels {
  #configured: string
  #level: LogLevel
  #parts: ReadonlyMap<string, LogLevel>

  constructor(config: LogConfig) {
    this.#configured = JSON.stringify(config)
    this.#level = config.level
    this.#parts = levelsOf(config)
  }

  /** Takes what the configuration says now; where that is what it said before, what was set meanwhile stays. */
  configure(config: LogConfig): void {
    const configured = JSON.stringify(config)
    if (configured === this.#configured) return
    this.#configured = configured
    this.#level = config.level
    this.#parts = levelsOf(config)
  }

  /** Sets the level of one part, or of everything that has none of its own; undefined takes a part's own away. */
  set(level: LogLevel | undefined, part?: LogPart): void {
    if (part === undefined) this.#level = level ?? 'info'
    else {
      const parts = new Map(this.#parts)
      if (level === undefined) parts.delete(part)
      else parts.set(part, level)
      this.#parts = parts
    }
  }

  writes(level: LogLevel, part: string | undefined): boolean {
    const least = (part === undefined ? undefined : this.#parts.get(part)) ?? this.#level
    return ORDER.indexOf(level) >= ORDER.indexOf(least)
  }

  describe(): { readonly level: LogLevel; readonly parts: Readonly<Record<string, LogLevel>> } {
    return { level: this.#level, parts: Object.fromEntries(this.#parts) }
  }
}

const levelsOf = ({ parts }: LogConfig): Map<string, LogLevel> =>
  new Map(Object.entries(parts).filter((one): one is [string, LogLevel] => one[1] !== undefined))
