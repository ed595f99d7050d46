import type { LineEnd } from './line-door.js'

/** What to do about each code; `where` is the path or the URL. */
const ADVICE: Readonly<Record<string, (where: string) => string>> = {
  ENOENT: (where) => `${where} is not there: plug it in, or check the path`,
  EACCES: (where) =>
    `may not open ${where}: add this user to the group that owns it (often dialout: 'sudo usermod -aG dialout $USER') and log in again`,
  EAGAIN: (where) => `${where} is in use: stop the program that holds it ('fuser -v ${where}')`,
  ENOTTY: (where) => `${where} is not a serial port: check the path`,
  EIO: (where) => `${where} does not answer: unplugged?`,
  EINVAL: (where) =>
    `${where} cannot do these settings: check baud rate, data, parity and stop bits`,
  ECONNREFUSED: (where) => `nothing listens at ${where}: is the serial server on, the port right?`,
  ECONNRESET: (where) => `${where} dropped the connection`,
  ETIMEDOUT: (where) => `${where} does not answer: is it on, and may this network reach it?`,
  EHOSTUNREACH: (where) => `${where} cannot be reached: is it on, and on this network?`,
  ENOTFOUND: (where) => `${where}: no such host name`,
}

const SAME_ADVICE: Readonly<Record<string, string>> = {
  EPERM: 'EACCES',
  EBUSY: 'EAGAIN',
  EWOULDBLOCK: 'EAGAIN',
  ENXIO: 'EIO',
  ENODEV: 'EIO',
  EBADF: 'EIO',
  EPIPE: 'ECONNRESET',
  ENETUNREACH: 'EHOSTUNREACH',
  EHOSTDOWN: 'EHOSTUNREACH',
  EAI_AGAIN: 'ENOTFOUND',
}

// The serial binding hands on the system's words (of glibc, or of musl) but not its code.
const WORDS: readonly (readonly [RegExp, string])[] = [
  [/no such file/i, 'ENOENT'],
  [/permission denied|access denied/i, 'EACCES'],
  [/operation not permitted/i, 'EPERM'],
  [/temporarily unavailable/i, 'EAGAIN'],
  [/resource busy/i, 'EBUSY'],
  [/inappropriate ioctl|not a tty/i, 'ENOTTY'],
  [/input\/output error|i\/o error/i, 'EIO'],
  [/no such device/i, 'ENODEV'],
  [/bad file (number|descriptor)/i, 'EBADF'],
  [/^(error:? )?invalid|invalid argument|baud rate/i, 'EINVAL'],
]

/** The system's code for an error, also where only its words say so; `EUNKNOWN` where nothing does. */
export function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'EUNKNOWN'
  if ('code' in error && typeof error.code === 'string') return error.code
  return WORDS.find(([words]) => words.test(error.message))?.[1] ?? 'EUNKNOWN'
}

/** Words an error of the system for people; `code` where the error itself does not have one. */
export function troubleOf(error: unknown, where: string, code = codeOf(error)): LineEnd {
  const advice = ADVICE[SAME_ADVICE[code] ?? code]
  if (advice) return { code, reason: advice(where) }
  return { code, reason: `${where}: ${error instanceof Error ? error.message : String(error)}` }
}
