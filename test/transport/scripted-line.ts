import type { ByteLine, LineDoor, LineEnd, LineHandlers } from '../../src/transport/line-door.js'

/** One opening of a `ScriptedLineDoor`; the test says what happens to it. */
export class ScriptedLine implements ByteLine {
  readonly handlers: LineHandlers
  readonly written: Uint8Array[] = []
  backlog = 0
  /** It has ended and not said so yet. */
  closing = false
  /** The other side takes nothing: a test says when by `untaken`. */
  stuck = false
  readonly untaken: (() => void)[] = []
  closeCalls = 0

  constructor(handlers: LineHandlers) {
    this.handlers = handlers
  }

  write(bytes: Uint8Array, onTaken?: () => void): boolean {
    if (this.closing) return false
    this.written.push(bytes)
    if (this.stuck) this.untaken.push(() => onTaken?.())
    else onTaken?.()
    return true
  }

  /** Only counts: the test decides when the line is closed. */
  close(): void {
    this.closeCalls++
  }
}

/** A door whose lines open, speak and close when a test says so. */
export class ScriptedLineDoor implements LineDoor {
  readonly address = 'scripted'
  readonly lines: ScriptedLine[] = []

  open(handlers: LineHandlers): ScriptedLine {
    const line = new ScriptedLine(handlers)
    this.lines.push(line)
    return line
  }

  /** The line opened last. */
  get line(): ScriptedLine {
    return this.lines.at(-1)!
  }

  opened(): void {
    this.line.handlers.onOpened()
  }

  data(...bytes: readonly number[]): void {
    this.line.handlers.onData(Uint8Array.from(bytes))
  }

  closed(end: LineEnd = { code: 'disconnected', reason: 'unplugged' }): void {
    this.line.handlers.onClosed(end)
  }
}
