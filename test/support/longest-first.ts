import { BaseSequencer, type TestSpecification } from 'vitest/node'

/**
 * Test files that take 15 s or more, the longest first. Vitest begins with what took longest the last time, which nobody
 * knows in a fresh clone: there it goes by their size, and one of these that begins last is waited for by itself.
 */
export const LONG_FILES: readonly string[] = [
  'sim/simulate.test.ts',
  'e2e/kill.test.ts',
  'cluster/failover.test.ts',
  'sim/planted-bugs.test.ts',
  'cluster/topics.test.ts',
  'journal/crash.test.ts',
  'device/shift-memory.test.ts',
  'device/soundness.test.ts',
  'page/page.test.ts',
  'e2e/restart.test.ts',
  'config/many-devices.test.ts',
  'process/lifecycle.test.ts',
  'e2e/run.test.ts',
]

/** Begins with the files that are known to take long. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const placeOf = ({ moduleId }: TestSpecification) => {
      const place = LONG_FILES.findIndex((file) => moduleId.endsWith(`/test/${file}`))
      return place < 0 ? LONG_FILES.length : place
    }
    return sorted.sort((a, b) => placeOf(a) - placeOf(b))
  }
}
