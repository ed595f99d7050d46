import { formatHash, hashPassword } from '../transport/index.js'
import { type CommandIo, Exit } from './io.js'

/** Longer passwords are files that were piped in by mistake. */
const LONGEST = 1024

/**
 * Reads a password from stdin, one line, and prints the line that stands for it in a password file of the
 * embedded broker. It is never an argument: those can be read by everybody on the machine.
 */
export async function password({ stdin, stdout, stderr }: CommandIo): Promise<number> {
  let text = ''
  for await (const chunk of stdin) {
    text += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8')
    if (text.length > LONGEST) break
  }
  const line = text.replace(/\r?\n$/, '')
  if (line === '' || line.length > LONGEST || /[\r\n\0]/.test(line)) {
    stderr(`expected a password of one line, up to ${LONGEST} characters, on stdin\n`)
    return Exit.badData
  }
  stdout(`${formatHash(await hashPassword(line))}\n`)
  return Exit.ok
}
