import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ROOT } from './unit-file.js'

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')
const docs = read('docs/security.md')

/** Every test that a cell of the tables names, with its file. */
const named = Array.from(
  docs.matchAll(/`(test\/[\w/.-]+\.test\.ts)`: ((?:"[^"]+"(?:, )?)+)/g),
).flatMap(([, file = '', names = '']) =>
  Array.from(names.matchAll(/"([^"]+)"/g), ([, name = '']) => ({ file, name })),
)

/** Every table row whose last cell should name tests. */
const rows = docs
  .split('\n')
  .filter((line) => /^\| (?!\||-)/.test(line) && !line.startsWith('| | '))

describe('the table of requirements and tests', () => {
  it('has every requirement that it is about', () => {
    const wanted = [
      ...Array.from({ length: 10 }, (_, n) => `| I${n + 1} `),
      ...['2.1.9–2.1.12', '4.1.1', '4.1.2', '4.1.3', '4.2.1', '4.2.2', '4.2.3'].map(
        (one) => `| ${one} `,
      ),
    ]
    for (const start of wanted)
      expect(
        rows.filter((row) => row.startsWith(start)),
        start,
      ).toHaveLength(1)
  })

  it('names a test in every row', () => {
    expect(rows.filter((row) => !/`test\/[^`]+`: "/.test(row))).toEqual([])
  })

  it.each(named)('$file has "$name"', ({ file, name }) => {
    const text = read(file)
    const quoted = [`'${name}'`, `\`${name}\``]
    expect(quoted.some((one) => text.includes(one))).toBe(true)
  })

  it('leads nowhere that is not there', () => {
    for (const page of ['SECURITY.md', 'docs/security.md']) {
      for (const [, target = ''] of read(page).matchAll(/\]\(([^)#:]+)\)/g))
        expect(existsSync(join(ROOT, dirname(page), target)), `${page}: ${target}`).toBe(true)
    }
  })
})
