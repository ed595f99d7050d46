import type { Comparison, Course } from './course.js'

/** By the name for `--only`. Loaded one by one: a large heap and code that others have warmed up change the speed. */
export const courses: Readonly<Record<string, () => Promise<Course>>> = {
  encoding: async () => (await import('./encoding.js')).encoding,
  roundtrip: async () => (await import('./roundtrip.js')).roundtrip,
  fleet: async () => (await import('./fleet.js')).fleet,
  'context-evolution': async () => (await import('./context-evolution.js')).contextEvolution,
  classifying: async () => (await import('./classifying.js')).classifying,
  decoding: async () => (await import('./decoding.js')).decoding,
  cutting: async () => (await import('./cutting.js')).cutting,
  journal: async () => (await import('./journal.js')).journalAppend,
  readings: async () => (await import('./readings.js')).readingsToJson,
  hallway: async () => (await import('./hallway.js')).hallway,
}

/** Those that fail where they are too slow. */
export const withFloors: readonly string[] = ['encoding', 'roundtrip', 'fleet']

export const comparisons: Readonly<Record<string, () => Promise<Comparison>>> = {
  'bounds-cost': async () => (await import('./decoding.js')).boundsCost,
  'peers-cost': async () => (await import('./fleet.js')).peersCost,
  'cutting-cost': async () => (await import('./cutting.js')).cuttingCost,
  'hallway-cost': async () => (await import('./hallway.js')).hallwayCost,
}
