import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** A page of the documentation, taken apart. */
export class Page {
  /** From the root of the project. */
  readonly path: string
  readonly text: string

  constructor(path: string) {
    this.path = path
    this.text = readFileSync(join(ROOT, path), 'utf8')
  }

  /** Everything but fenced blocks. */
  get prose(): string {
    return this.text.replace(/^ *```[\s\S]*?^ *```$/gm, '')
  }

  /** The fenced blocks of one language, those inside lists without their indent. */
  blocks(language: string): string[] {
    const fenced = /^( *)```(\w+)\n([\s\S]*?)^ *```$/gm
    return Array.from(this.text.matchAll(fenced), ([, indent = '', name, text = '']) => ({
      name,
      text: text.replace(new RegExp(`^${indent}`, 'gm'), ''),
    })).flatMap(({ name, text }) => (name === language ? [text] : []))
  }

  /** The one block of a language that holds `mark`. */
  block(language: string, mark: string): string {
    const [found = '', ...others] = this.blocks(language).filter((text) => text.includes(mark))
    if (found === '' || others.length > 0)
      throw new Error(`${this.path}: not one ${language} block with ${mark}`)
    return found
  }

  /** The cells of the one table with this heading. */
  table(heading: string): string[][] {
    const lines = this.text.split('\n')
    const at = lines.indexOf(`| ${heading} |`)
    if (at < 0) throw new Error(`${this.path}: no table | ${heading} |`)
    const rows = lines.slice(at + 2)
    const end = rows.findIndex((line) => !line.startsWith('|'))
    return rows.slice(0, end < 0 ? undefined : end).map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
  }

  /** Lines of shell blocks, and what stands between backticks. */
  get commandLines(): string[] {
    return [...this.blocks('sh').flatMap((text) => text.split('\n')), ...codes(this.prose)]
  }

  /** Where links lead, but for other sites. */
  get links(): { readonly file: string; readonly anchor: string }[] {
    return Array.from(
      this.prose.matchAll(/\]\(([^)#:]*)(?:#([^)]+))?\)/g),
      ([, file = '', anchor = '']) => ({ file, anchor }),
    )
  }

  /** What links to its headings are called. */
  get anchors(): string[] {
    return Array.from(this.prose.matchAll(/^#+ (.*)$/gm), ([, heading = '']) =>
      heading
        .toLowerCase()
        .replace(/[^\w\s-]/g, '')
        .replaceAll(' ', '-'),
    )
  }
}

/** What stands between backticks. */
export const codes = (text: string): string[] =>
  Array.from(text.matchAll(/`([^`\n]+)`/g), (m) => m[1] ?? '')
