import { classifying } from './classifying.js'
import { contextEvolution } from './context-evolution.js'
import type { Comparison, Course } from './course.js'
import { cutting, cuttingCost } from './cutting.js'
import { boundsCost, decoding } from './decoding.js'
import { encoding } from './encoding.js'
import { fleet, peersCost } from './fleet.js'
import { hallway, hallwayCost } from './hallway.js'
import { journalAppend } from './journal.js'
import { readingsToJson } from './readings.js'
import { roundtrip } from './roundtrip.js'

export const courses: readonly Course[] = [
  encoding,
  roundtrip,
  fleet,
  contextEvolution,
  classifying,
  decoding,
  cutting,
  journalAppend,
  readingsToJson,
  hallway,
]

export const comparisons: readonly Comparison[] = [boundsCost, peersCost, cuttingCost, hallwayCost]
