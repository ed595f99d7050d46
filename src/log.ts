/** Where log lines go: a pino logger, or a silent one in tests. */
export interface Log {
  debug(facts: object, message: string): void
  info(facts: object, message: string): void
  warn(facts: object, message: string): void
  error(facts: object, message: string): void
  /** Whether debug lines (of this part) are written, for who would have to make an effort for them; absent: no. */
  writesDebug?(part?: string): boolean
}
