import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { assertBuilt } from './program.js'

const MODULE = new URL('../../dist/test/support/ends-with-us.js', import.meta.url)
/** Starts three, two of which it has end with it; each holds an output open for as long as it lives. */
const PROGRAM = `
import { spawn } from 'node:child_process'
import { endsWithUs } from ${JSON.stringify(MODULE.href)}
const start = (stdio, options) => spawn('sleep', ['1000'], { stdio, ...options })
endsWithUs(start(['ignore', 'inherit', 'ignore']))
endsWithUs(start(['ignore', 'ignore', 'inherit'], { detached: true }), 'group')
const forgotten = start('ignore', { detached: true })
endsWithUs(forgotten)()
console.log(forgotten.pid)
setInterval(() => {}, 1000)
`

it.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)(
  'what a program has started ends with it when %s ends that, but for what it has forgotten',
  async (signal) => {
    assertBuilt()
    const cwd = fileURLToPath(new URL('.', import.meta.url))
    const [ended, said] = await new Promise<readonly [unknown, string]>((resolve) => {
      const args = ['--input-type=module', '-e', PROGRAM]
      // Called once nobody holds an output any more.
      const child = execFile(process.execPath, args, { cwd }, (error, said) =>
        resolve([error?.signal, said]),
      )
      child.stdout?.once('data', () => child.kill(signal))
    })
    const forgotten = Number(said)
    expect([ended, process.kill(forgotten, 0)]).toEqual([signal, true])
    process.kill(forgotten, 'SIGKILL')
  },
)
