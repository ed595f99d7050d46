import { defineConfig } from 'vitest/config'
import { LongestFirst } from './test/support/longest-first.js'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Real brokers and pseudo-terminals take a moment to start on a loaded machine.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    teardownTimeout: 10_000,
    // Real terminals and processes can starve on a loaded CI machine; what fails twice has failed.
    retry: process.env.CI === 'true' ? 1 : 0,
    // One more than the smallest machine has cores: measured, of two workers each waits for half of its time, for what
    // the real processes in the tests do at their own pace.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
  },
})
