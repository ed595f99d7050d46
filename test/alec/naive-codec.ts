/**
 * The codec once more, written straight from the wire facts and as simply as possible: hex strings and lists,
 * no state but the values that were observed. The opponent of the real one in the random tests.
 */
import { type FrameShape, xxh32 } from '../../src/alec/index.js'
import { toHex } from '../support/vectors.js'

export class NaiveContext {
  readonly observed = new Map<number, number[]>()
  total = 0

  observe(key: number, value: number): void {
    this.observed.set(key, [...(this.observed.get(key) ?? []), value])
    this.total++
  }

  get version(): number {
    let version = 0
    for (let n = 1; n <= this.total; n++) version += n % 100 === 0 ? 2 : 1
    return version
  }

  last(key: number): number | undefined {
    return this.observed.get(key)?.at(-1)
  }

  ema(key: number): number | undefined {
    return this.observed.get(key)?.reduce((ema, value) => 0.3 * value + 0.7 * ema)
  }

  prediction(key: number): number | undefined {
    return (this.observed.get(key) ?? []).length < 3 ? this.last(key) : this.ema(key)
  }

  priority(key: number, value: number, min?: number, max?: number, scheduled = false): number {
    const expected = this.prediction(key)
    if (expected === undefined) return 3
    if ((min !== undefined && value < min) || (max !== undefined && value > max)) return 1
    const error = Math.abs(value - expected)
    const change = Math.abs(expected) <= 2 ** -52 ? error : error / Math.abs(expected)
    if (Number.isNaN(change)) return 2
    const steps = [0.3, 0.15].findIndex((limit) => change > limit)
    if (steps >= 0) return steps + 1
    return change < 0.01 ? 5 : scheduled ? 3 : 4
  }

  /** Encoding and value of a standard frame, in hex. */
  encode(key: number, value: number, scale: number): string {
    if (!Number.isFinite(value)) return `00${f64Hex(value)}`
    const last = this.last(key)
    if (last !== undefined && Math.abs(value - last) < 2 ** -52) return '30'
    const expected = this.prediction(key)
    if (expected !== undefined) {
      const x = (value - expected) * scale
      const size = Math.abs(x)
      const up = size - Math.trunc(size) >= 0.5 ? 1 : 0
      const delta = Number.isNaN(x) ? 0 : Math.sign(x) * (Math.trunc(size) + up)
      for (const [bits, code] of [
        [8, '10'],
        [16, '11'],
        [32, '12'],
      ] as const) {
        const limit = 2 ** (bits - 1)
        if (delta >= -limit && delta < limit) return code + integerHex(delta, bits / 8)
      }
    }
    const single = new Float32Array([value])[0]!
    return Math.abs(single - value) < 0.0001 ? `01${f32Hex(value)}` : `00${f64Hex(value)}`
  }
}

export function naiveVarint(value: number): string {
  const groups: number[] = []
  let rest = BigInt(value)
  do {
    groups.push(Number(rest % 128n))
    rest /= 128n
  } while (rest > 0n)
  return groups
    .map((group, i) => integerHex(i < groups.length - 1 ? group + 128 : group, 1))
    .join('')
}

export interface NaiveHead {
  readonly type: number
  /** Its code, 0 for P1. */
  readonly priority: number
  readonly sequence: number
  /** Unix seconds. */
  readonly timestamp: number
  readonly version: number
}

export function naiveHeader({ type, priority, sequence, timestamp, version }: NaiveHead): string {
  const bits = (value: number, n: number) =>
    Math.trunc(value % 2 ** n)
      .toString(2)
      .padStart(n, '0')
  const all = `01${bits(type, 3)}${bits(priority, 3)}${bits(sequence, 16)}${bits(timestamp, 32)}${bits(version, 24)}`
  return (all.match(/.{8}/g) ?? []).map((byte) => integerHex(Number.parseInt(byte, 2), 1)).join('')
}

export interface NaiveEntry {
  readonly key: number
  readonly encoding: number
  readonly number: number
  readonly patternDelta: number
}

/** The entries of a data frame; undefined for a frame that has to be refused. */
export function naiveParse(bytes: Uint8Array, shape: FrameShape): NaiveEntry[] | undefined {
  const tape = new Tape(toHex(bytes))
  const entries =
    shape.family === 'compact'
      ? parseCompact(tape, shape.channels)
      : parseStandard(tape, bytes, shape.checksum)
  return tape.broken || tape.rest !== '' ? undefined : entries
}

/** Hex digits, taken off the front. */
class Tape {
  broken = false
  rest: string

  constructor(hex: string) {
    this.rest = hex
  }

  take(bytes: number): string {
    const taken = this.rest.slice(0, 2 * bytes)
    if (taken.length < 2 * bytes) this.broken = true
    this.rest = this.rest.slice(2 * bytes)
    return taken.padEnd(2 * bytes, '0')
  }

  unsigned(bytes: number): number {
    return Number.parseInt(this.take(bytes) || '0', 16)
  }

  signed(bytes: number): number {
    const value = this.unsigned(bytes)
    return value >= 2 ** (8 * bytes - 1) ? value - 2 ** (8 * bytes) : value
  }

  float(bytes: 4 | 8): number {
    const reversed = Uint8Array.from({ length: bytes }, () => this.unsigned(1)).reverse()
    const floats = bytes === 4 ? Float32Array : Float64Array
    return new floats(reversed.buffer)[0]!
  }

  varint(): number {
    let value = 0n
    for (let i = 0n; i < 5n; i++) {
      const byte = BigInt(this.unsigned(1))
      value += (byte % 128n) << (7n * i)
      if (byte < 128n) {
        if (value > 0xffff_ffffn) this.broken = true
        return Number(value)
      }
    }
    this.broken = true
    return 0
  }
}

function parseCompact(tape: Tape, channels: number): NaiveEntry[] {
  const marker = tape.take(1)
  if (marker !== 'a1' && marker !== 'a2') tape.broken = true
  tape.take(4)
  let bitmap = ''
  for (let i = 0; i < Math.ceil(channels / 4); i++) {
    bitmap = tape.unsigned(1).toString(2).padStart(8, '0') + bitmap
  }
  const spare = bitmap.length - 2 * channels
  if (bitmap.slice(0, spare).includes('1')) tape.broken = true
  return Array.from({ length: channels }, (_, i): NaiveEntry => {
    const code = bitmap.slice(bitmap.length - 2 * i - 2, bitmap.length - 2 * i)
    if (marker === 'a2' && code !== '11') tape.broken = true
    const encoding = { '00': 0x30, '01': 0x10, '10': 0x11, '11': 0x01 }[code] ?? 0xff
    return { key: i + 1, encoding, number: parseNumber(tape, encoding), patternDelta: 0 }
  })
}

function parseStandard(tape: Tape, bytes: Uint8Array, checksum: boolean): NaiveEntry[] {
  if (checksum) {
    const sum = integerHex(xxh32(bytes.slice(0, -4)), 4)
    if (bytes.length < 4 || tape.rest.slice(-8) !== sum) tape.broken = true
    tape.rest = tape.rest.slice(0, -8)
  }
  const first = tape.unsigned(1)
  if (first < 64 || first > 127 || first % 8 > 4) tape.broken = true
  tape.take(9)
  if (Math.floor(first / 8) % 8 !== 0) {
    tape.rest = ''
    return []
  }
  const sourceId = tape.varint()
  const encoding = tape.unsigned(1)
  if (encoding !== 0x40) return [parseEntry(tape, sourceId, encoding)]
  const count = tape.unsigned(1)
  const entries: NaiveEntry[] = []
  for (let i = 0; i < count && !tape.broken; i++) {
    const key = tape.unsigned(1)
    const encoding = tape.unsigned(1)
    if (encoding === 0x20 || encoding === 0x21 || encoding === 0x40) tape.broken = true
    entries.push(parseEntry(tape, key, encoding))
  }
  return entries
}

function parseEntry(tape: Tape, key: number, encoding: number): NaiveEntry {
  const number = parseNumber(tape, encoding)
  return { key, encoding, number, patternDelta: encoding === 0x21 ? tape.signed(1) : 0 }
}

function parseNumber(tape: Tape, encoding: number): number {
  if (encoding === 0x00) return tape.float(8)
  if (encoding === 0x01) return tape.float(4)
  if (encoding === 0x10) return tape.signed(1)
  if (encoding === 0x11) return tape.signed(2)
  if (encoding === 0x12) return tape.signed(4)
  if (encoding === 0x20 || encoding === 0x21) return tape.varint()
  if (encoding !== 0x30 && encoding !== 0x31) tape.broken = true
  return 0
}

export const integerHex = (value: number, bytes: number): string =>
  BigInt.asUintN(8 * bytes, BigInt(value))
    .toString(16)
    .padStart(2 * bytes, '0')

export const f32Hex = (value: number): string => floatHex(new Float32Array([value]).buffer)
export const f64Hex = (value: number): string => floatHex(new Float64Array([value]).buffer)

const floatHex = (buffer: ArrayBuffer): string => toHex(new Uint8Array(buffer).reverse())
