import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ROOT } from '../deployment/unit-file.js'
import { assertBuilt } from '../e2e/program.js'

it('the measurement of scale weighs a device, and finds none of a large fleet heavy', () => {
  assertBuilt()
  const script = join(ROOT, 'dist/bench/scale.js')
  const run = [script, '--devices', '2500', '--frames', '2', '--timed', '2500', '--json']
  const { stdout, stderr, status } = spawnSync(process.execPath, run, { encoding: 'utf8' })
  expect(stderr).toBe('')
  expect(status).toBe(0)
  const [figures] = JSON.parse(stdout).rows
  expect(figures.devices).toBe(2500)
  expect(figures.frames).toBe(2500)
  // Objects for each would take ten times as much; what the fleet takes as a whole is in it.
  expect(figures.bytesUnheard).toBeLessThan(3000)
  expect(figures.bytesHeard).toBeLessThan(4000)
})
