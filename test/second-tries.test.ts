import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { temporaryDirectory } from './support/temporary-directory.js'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

const TESTS = `
let tries = 0
it('passes at once', () => {})
it('passes when it is tried again', () => expect(++tries).toBe(2))
it('never passes', () => expect.fail('of course'))
`

it('a run says which tests passed only at the second try, before the line that counts', () => {
  const directory = temporaryDirectory('alec-tries-')
  writeFileSync(join(directory, 'a.test.mjs'), TESTS)
  const report = join(directory, 'report.json')
  const tries = join(directory, 'tries.json')
  const run = (args: readonly string[]) =>
    spawnSync(process.execPath, args, {
      cwd: ROOT,
      encoding: 'utf8',
      env: { ...process.env, SECOND_TRIES: tries },
    })
  const { status } = run([
    'node_modules/vitest/vitest.mjs',
    'run',
    ...['--root', directory, '--globals', '--retry', '1', '--no-color'],
    ...['--reporter=json', `--outputFile.json=${report}`],
    `--reporter=${join(ROOT, '.ci/second-tries.mjs')}`,
  ])
  const counted = run(['.ci/count.mjs', report, String(status), tries])
  expect(counted.stdout.split('\n')).toEqual([
    'second try: a.test.mjs: passes when it is tried again: expected 1 to be 2 // Object.is equality',
    '1 passed only at the second try',
    '2 passed, 1 failed',
    '',
  ])
  expect([status, counted.status]).toEqual([1, 1])
})
