import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { assertBuilt } from './program.js'

const MODULE = new URL('../../dist/test/support/when-we-end.js', import.meta.url)
const PROGRAM = `
import { whenWeEnd } from ${JSON.stringify(MODULE.href)}
const forget = whenWeEnd(() => console.log('the first has ended'))
whenWeEnd(() => console.log('the second has ended'))
forget()
setInterval(() => {}, 1000)
console.log('begun')
`

it.each([
  ['SIGHUP', 129],
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('what a program has started ends with it when %s ends that', async (signal, code) => {
  assertBuilt()
  const cwd = fileURLToPath(new URL('.', import.meta.url))
  const ended = new Promise<readonly [unknown, string]>((resolve) => {
    const args = ['--input-type=module', '-e', PROGRAM]
    const child = execFile(process.execPath, args, { cwd }, (error, said) =>
      resolve([error?.code, said]),
    )
    child.stdout?.once('data', () => child.kill(signal))
  })
  expect(await ended).toEqual([code, 'begun\nthe second has ended\n'])
})
