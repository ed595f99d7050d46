import { readFileSync } from 'node:fs'

/** JSON has no words for these numbers; the vectors write them as strings. */
const spelled: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
  '-0': -0,
}

const revive = (_key: string, value: unknown): unknown =>
  typeof value === 'string' && Object.hasOwn(spelled, value) ? spelled[value] : value

function load<T>(file: string): T[] {
  return readFileSync(new URL(`../vectors/${file}.jsonl`, import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line, revive) as T)
}

export function fromHex(hex: string): Uint8Array {
  const bytes = new Uint8Array(hex.length / 2)
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16)
  return bytes
}

const hexOf = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

export function toHex(bytes: Uint8Array): string {
  let hex = ''
  for (const byte of bytes) hex += hexOf[byte]
  return hex
}

type StandardSingleRow = readonly [
  value: number,
  timestampMs: number,
  priorityCode: number,
  contextVersion: number,
  frame: string,
  referenceDecoded: number,
]

export interface StandardSingleVector {
  readonly signal: string
  readonly sourceId: number
  readonly checksum: boolean
  readonly rows: readonly StandardSingleRow[]
}

export interface StandardPlainMultiVector {
  readonly values: readonly (readonly [nameId: number, value: number])[]
  readonly sourceId: number
  /** Unix milliseconds. */
  readonly timestamp: number
  readonly priority: number
  readonly frame: string
  readonly decoded: readonly (readonly [nameId: number, value: number])[]
}

export interface StandardAdaptiveMultiVector {
  readonly signals: readonly string[]
  readonly rows: readonly {
    readonly values: readonly number[]
    /** Codes, 0 for P1. */
    readonly priorities: readonly number[]
    readonly contextVersion: number
    readonly frame: string
    readonly referenceDecoded: readonly (readonly [nameId: number, value: number])[]
  }[]
}

export interface CompactVector {
  readonly channels: number
  readonly keyframeInterval: number
  readonly historySize: number
  readonly signals: readonly string[]
  readonly rows: readonly {
    readonly values: readonly number[]
    /** Arrives before the frame. */
    readonly downlink: string | null
    readonly frame: string
    readonly sequence: number
    readonly keyframe: boolean
    readonly referenceDecoded: readonly number[] | null
  }[]
  readonly decoderStateAlcs: string
}

export interface ContextVector {
  readonly signal: string
  readonly sourceId: number
  readonly values: readonly number[]
  readonly patternsRegisteredAfterFirstObservation: readonly string[]
  readonly checkpoints: readonly {
    readonly afterObservations: number
    readonly version: number
    readonly patternCount: number
    readonly hash: string
    readonly prediction: number
    readonly confidence: number
    readonly lastValue: number
    readonly alcs: string
  }[]
}

export interface SyncVector {
  readonly kind: string
  readonly debug?: string
  readonly bytes?: string
  readonly patterns?: readonly (readonly [code: number, bytes: string])[]
  readonly version?: number
  readonly hash?: string
}

export interface MalformedVector {
  readonly name: string
  readonly bytes: string
  readonly reference: { readonly error?: string; readonly value?: number }
}

export interface HashVector {
  readonly text: string
  readonly xxh64: string
  readonly deviceSourceId: number
  readonly frameOfDefaultHeaderPlusText: number
}

/** What the device library really wrote and read; see `test/vectors/README.md`. */
export const vectors = {
  standardSingle: () => load<StandardSingleVector>('standard-single'),
  standardPlainMulti: () => load<StandardPlainMultiVector>('standard-multi-raw'),
  standardAdaptiveMulti: () => load<StandardAdaptiveMultiVector>('standard-multi-adaptive'),
  compact: () => load<CompactVector>('compact'),
  context: () => load<ContextVector>('context'),
  sync: () => load<SyncVector>('sync'),
  malformed: () => load<MalformedVector>('malformed'),
  hashes: () => load<HashVector>('hashes'),
}
