import type { ConfigFiles } from '../../src/config/index.js'

/** A file of a test: its text, or its text with a mode, or the error that reading it ends in. */
export type MemoryFile =
  | string
  | { readonly text: string | Uint8Array; readonly mode: number }
  | { readonly error: string }

/** A disk that holds just these files, by absolute path. */
export function memoryFiles(disk: Readonly<Record<string, MemoryFile>>): ConfigFiles {
  const open = (path: string) => {
    const file = disk[path] ?? { error: 'ENOENT' }
    if (typeof file === 'string') return { text: file, mode: 0o644 }
    if ('text' in file) return file
    throw Object.assign(new Error(`${file.error}: ${path}`), { code: file.error })
  }
  return {
    readFile: (path) => {
      const { text } = open(path)
      return typeof text === 'string' ? new TextEncoder().encode(text) : text
    },
    stat: (path) => ({ mode: 0o100_000 | open(path).mode }),
  }
}
