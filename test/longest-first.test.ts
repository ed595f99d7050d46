import { existsSync } from 'node:fs'
import { expect, it } from 'vitest'
import { LONG_FILES, LongestFirst } from './support/longest-first.js'

type Sorted = Parameters<LongestFirst['sort']>[0]

/** What the order of files depends on, of a run that remembers nothing. */
const context = {
  config: { root: '/r' },
  cache: { getFileTestResults: () => undefined, getFileStats: () => ({ size: 1 }) },
}
const project = { name: '', config: { sequence: { groupOrder: 0 }, isolate: true } }
const fileOf = (file: string) => ({ moduleId: `/r/test/${file}`, project })

it('a run begins with the files that take long, the longest first', async () => {
  const sequencer = new LongestFirst(
    context as unknown as ConstructorParameters<typeof LongestFirst>[0],
  )
  const [longest = '', next = ''] = LONG_FILES
  const files = ['names.test.ts', next, 'clock.test.ts', longest].map(fileOf)
  const sorted = await sequencer.sort(files as unknown as Sorted)
  expect(sorted.map(({ moduleId }) => moduleId.slice('/r/test/'.length))).toEqual([
    longest,
    next,
    'names.test.ts',
    'clock.test.ts',
  ])
})

it('all files that are said to take long are there', () => {
  const missing = LONG_FILES.filter((file) => !existsSync(new URL(file, import.meta.url)))
  expect(missing).toEqual([])
})
