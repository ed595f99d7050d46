import { writeSync } from 'node:fs'
import { emitKeypressEvents } from 'node:readline'
import type { Undo } from '../clock.js'

/** A key as readline names it. */
export interface Key {
  readonly name?: string | undefined
  /** What it types; empty where it types nothing. */
  readonly text: string
  readonly ctrl: boolean
}

export interface TerminalHandlers {
  onKey(key: Key): void
  /** It has another size, or shows nothing of ours any more: it is to be drawn anew. */
  onResize(): void
}

/** A terminal that a program draws on and reads keys from. */
export interface Terminal {
  readonly columns: number
  readonly lines: number
  /** It has not taken yet what was written: more of it would only come late. */
  readonly isBusy: boolean
  write(text: string): void
  /** Takes the whole screen and every key, until undone: then all is as it was. */
  open(handlers: TerminalHandlers): Undo
  /** Gives the terminal back to the shell until the program is to go on. */
  suspend(): void
}

/** A screen of its own, no cursor, no line breaks that we did not make. */
const ENTER = '\u001b[?1049h\u001b[?25l\u001b[?7l'
const LEAVE = '\u001b[0m\u001b[?7h\u001b[?25h\u001b[?1049l'

interface Keypress {
  readonly name?: string
  readonly ctrl?: boolean
  readonly sequence?: string
}

/** The terminal of this process; undefined where standard output is none. */
export function processTerminal(): Terminal | undefined {
  const { stdin, stdout } = process
  if (!stdout.isTTY) return undefined
  let restore: Undo = () => {}
  let goOn: Undo = () => {}
  return {
    get columns() {
      return stdout.columns || 80
    },
    get lines() {
      return stdout.rows || 24
    },
    get isBusy() {
      return stdout.writableNeedDrain
    },
    write: (text) => void stdout.write(text),
    open({ onKey, onResize }) {
      const onKeypress = (text: string | undefined, { name, ctrl = false }: Keypress) =>
        onKey({ name, text: text ?? '', ctrl })
      let isOpen = false
      const enter = () => {
        isOpen = true
        if (stdin.isTTY) stdin.setRawMode(true)
        stdout.write(ENTER)
      }
      goOn = () => {
        if (!isOpen) enter()
        onResize()
      }
      const onContinue = () => goOn()
      restore = () => {
        if (!isOpen) return
        isOpen = false
        if (stdin.isTTY) stdin.setRawMode(false)
        // At once: the process may be about to end.
        writeAll(LEAVE)
      }
      if (stdin.isTTY) {
        emitKeypressEvents(stdin)
        stdin.on('keypress', onKeypress)
        stdin.resume()
      }
      stdout.on('resize', onResize)
      process.on('SIGCONT', onContinue)
      // Whatever ends the process; by a bug, before that is said: on our screen nobody would see it.
      const onEnd = () => restore()
      process.on('exit', onEnd)
      process.on('uncaughtExceptionMonitor', onEnd)
      enter()
      return () => {
        goOn = () => {}
        restore()
        process.removeListener('exit', onEnd)
        process.removeListener('uncaughtExceptionMonitor', onEnd)
        process.removeListener('SIGCONT', onContinue)
        stdout.removeListener('resize', onResize)
        stdin.removeListener('keypress', onKeypress)
        stdin.pause()
      }
    },
    suspend() {
      restore()
      process.kill(process.pid, 'SIGTSTP')
      // What stops a process stops it there. Where no shell could ever wake it, the system does not stop it at all.
      setImmediate(() => goOn())
    },
  }
}

/** A terminal that is gone needs nothing any more. */
function writeAll(text: string): void {
  try {
    writeSync(1, text)
  } catch {
    // EIO: nobody is there; EAGAIN: it is stuck, and what is queued before would come behind this anyway.
  }
}
