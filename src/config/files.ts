import { readFileSync, statSync } from 'node:fs'

/** The little that the configuration needs of a disk. Both throw the errors of Node, with their `code`. */
export interface ConfigFiles {
  readFile(path: string): Uint8Array
  stat(path: string): { readonly mode: number }
}

export const systemFiles: ConfigFiles = {
  readFile: (path) => readFileSync(path),
  stat: (path) => statSync(path),
}

/** What reading a text file led to; `code` is that of the system (`ENOENT`, `EACCES`, …) or `not-utf-8`. */
export type TextOutcome =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly code: string }

export function readText(files: ConfigFiles, path: string): TextOutcome {
  let bytes: Uint8Array
  try {
    bytes = files.readFile(path)
  } catch (error) {
    return { ok: false, code: errorCode(error) }
  }
  try {
    return { ok: true, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) }
  } catch {
    return { ok: false, code: 'not-utf-8' }
  }
}

/** The permission bits; undefined where the file cannot be looked at. */
export function modeOf(files: ConfigFiles, path: string): number | undefined {
  try {
    return files.stat(path).mode & 0o777
  } catch {
    // Reading it will say why.
    return undefined
  }
}

function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : 'EIO'
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EACCES: 'this user may not read it',
  EPERM: 'this user may not read it',
  EISDIR: 'it is a directory',
  'not-utf-8': 'it is not UTF-8 text',
}

/** Why a file could not be read, in words. */
export const reasonOf = (code: string): string => REASONS[code] ?? `reading it failed (${code})`
