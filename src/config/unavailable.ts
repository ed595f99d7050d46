import type { Path } from './problem.js'

/**
 * What the schema knows and this version does not do yet: refused, because accepting it would be a promise.
 * Whoever builds one of these takes its line out.
 */
export const unavailable: readonly Path[] = [['cluster']]
