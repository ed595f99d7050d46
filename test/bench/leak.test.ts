import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ROOT } from '../deployment/unit-file.js'
import { assertBuilt } from '../e2e/program.js'

/** As much as 175 bytes a frame that are never given back: a bridge that still warms up, as here, shows a third of it. */
const LEAK_MIB_PER_HOUR = 60

it('F-55: the measurement of leaks runs the whole bridge, and its heap does not grow with the frames', () => {
  assertBuilt()
  const args = ['--expose-gc', join(ROOT, 'dist/bench/leak.js')]
  const run = [...args, '--frames', '12000', '--devices', '12', '--json']
  const { stdout, stderr, status } = spawnSync(process.execPath, run, { encoding: 'utf8' })
  expect(stderr).toBe('')
  expect(status).toBe(0)
  const result = JSON.parse(stdout)
  expect(result.frames).toBe(12_000)
  // Nearly every frame's readings have left.
  expect(result.published).toBeGreaterThan(10_800)
  expect(Number.isFinite(result.rssMiBPerHour)).toBe(true)
  expect(result.heapMiBPerHour).toBeLessThan(LEAK_MIB_PER_HOUR)
})
