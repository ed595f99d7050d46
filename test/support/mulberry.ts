/** A tiny seeded generator for tests (mulberry32): numbers in [0, 1). */
export function mulberry(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** The seed of this test run: `SEED` where set, else a fixed one; print it with what fails. */
export const testSeed = Number(process.env.SEED ?? 20_261_124)
