import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Real brokers and pseudo-terminals take a moment to start on a loaded machine.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    teardownTimeout: 10_000,
    // As many as the smallest machine has cores: the real processes in the tests want some of them too.
    maxWorkers: 2,
  },
})
