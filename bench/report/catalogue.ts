import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const NUMBER = /\bF-(\d\d)\b/g
const TITLE = /\b(?:it|describe|test)(?:\.\w+(?:\([^)]*\))*)*\(\s*[`'"]([^`'"\n]*F-\d\d[^`'"\n]*)/g
const FAULTS = 55

/** Faults that no test is named after, and why. */
export const untested: Readonly<Record<string, string>> = {}

export interface Fault {
  readonly number: string
  readonly tests: readonly string[]
}

/** Every fault of the catalogue with the tests whose names carry its number. */
export function catalogue(root: string): readonly Fault[] {
  const tests = new Map<string, string[]>()
  for (const file of readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.test.ts')) continue
    const text = readFileSync(join(root, 'test', file), 'utf8')
    for (const [, title = ''] of text.matchAll(TITLE)) {
      for (const [, number = ''] of title.matchAll(NUMBER)) {
        tests.set(number, [...(tests.get(number) ?? []), `${file}: ${title}`])
      }
    }
  }
  return Array.from({ length: FAULTS }, (_, i) => {
    const number = String(i + 1).padStart(2, '0')
    return { number: `F-${number}`, tests: tests.get(number) ?? [] }
  })
}
