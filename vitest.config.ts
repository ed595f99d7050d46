import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Real brokers and pseudo-terminals take a moment to start on a loaded machine.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    teardownTimeout: 10_000,
    // Real terminals and processes can starve on a loaded CI machine; what fails twice has failed.
    retry: process.env.CI === 'true' ? 1 : 0,
    // As many as the smallest machine has cores: the real processes in the tests want some of them too.
    maxWorkers: 2,
  },
})
