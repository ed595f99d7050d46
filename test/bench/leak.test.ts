import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ROOT } from '../deployment/unit-file.js'
import { assertBuilt } from '../e2e/program.js'

it('F-55: the measurement of leaks runs the whole bridge and says a slope', () => {
  assertBuilt()
  const args = ['--expose-gc', join(ROOT, 'dist/bench/leak.js')]
  const run = [...args, '--frames', '4000', '--devices', '20', '--json']
  const { stdout, stderr, status } = spawnSync(process.execPath, run, { encoding: 'utf8' })
  expect(stderr).toBe('')
  expect(status).toBe(0)
  const result = JSON.parse(stdout)
  expect(result.frames).toBe(4000)
  // Nearly every frame's readings have left.
  expect(result.published).toBeGreaterThan(3600)
  expect(Number.isFinite(result.rssMiBPerHour)).toBe(true)
})
