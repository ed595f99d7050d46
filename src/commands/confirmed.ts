import { addAbortSignal, Readable } from 'node:stream'
import type { CommandIo } from './io.js'

/** Asks at a terminal; only a yes is one. */
export async function confirmed(question: string, io: CommandIo): Promise<boolean> {
  io.stdout(`${question} [y/N] `)
  const { stdin, signal } = io
  if (stdin instanceof Readable) addAbortSignal(signal, stdin)
  let line = ''
  try {
    for await (const chunk of stdin) {
      line += String(chunk)
      if (line.includes('\n')) break
    }
  } catch (error) {
    if (!signal.aborted) throw error
    return false
  }
  return /^\s*y(?:es)?\s*$/i.test(line.split('\n', 1)[0] ?? '')
}
