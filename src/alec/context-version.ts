/** A context evolves, and its version takes one more step, whenever it has observed this many more values. */
export const evolutionPeriod = 100

/**
 * The version of a context after `n` more observations, when `observations` were made before, evolutions
 * included, new patterns not. Not cut to the 16 or 24 bits that frames carry.
 */
export const versionAfter = (version: number, observations: number, n: number): number =>
  version + n + evolutions(observations + n) - evolutions(observations)

/** The version of a context that has observed `n` values since it was new. */
export const freshVersion = (n: number): number => n + evolutions(n)

const evolutions = (observations: number): number => Math.floor(observations / evolutionPeriod)
