/** The file formats once more, field by field in hex: the opponents of the real ones in the random tests. */
import type { Context, Preload } from '../../src/alec/index.js'
import { fromHex, toHex } from '../support/vectors.js'
import { f64Hex, integerHex } from './naive-codec.js'

const swapped = (hex: string): string => (hex.match(/../g) ?? []).reverse().join('')
const littleU16 = (value: number): string => swapped(integerHex(value, 2))
const littleU32 = (value: number): string => swapped(integerHex(value, 4))
const littleU64 = (value: number): string => swapped(integerHex(value, 8))
const littleF64 = (value: number): string => swapped(f64Hex(value))
const textHex = (text: string): string => toHex(new TextEncoder().encode(text))

/** Bit by bit. */
function naiveCrc32(bytes: Uint8Array): number {
  let crc = 0xffff_ffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb8_8320 : crc >>> 1
  }
  return (crc ^ 0xffff_ffff) >>> 0
}

const crcHex = (hex: string): string => littleU32(naiveCrc32(fromHex(hex)))

export function naiveAlcs(context: Context): string {
  const patterns = context.patterns()
  const type = textHex(context.sensorType)
  const hex = [
    textHex('ALCS'),
    littleU32(1),
    littleU32(context.version),
    littleU32(context.scale),
    littleU64(context.observations),
    littleU32(patterns.nextCode),
    integerHex(type.length / 2, 1),
    type,
    littleU32(context.records().length),
    ...context
      .records()
      .flatMap((source) => [
        littleU32(source.key),
        littleU64(source.count),
        ...[source.last, source.ema, 0.3, source.m2, source.mean].map(littleF64),
        littleU32(source.maxHistory),
        littleU32(source.history.length),
        ...source.history.map(littleF64),
      ]),
    littleU32(patterns.size),
    ...patterns
      .entries()
      .flatMap(([code, { bytes, frequency, lastUsed, createdAt }]) => [
        littleU32(code),
        littleU16(bytes.length),
        toHex(bytes),
        ...[frequency, lastUsed, createdAt].map(littleU64),
      ]),
  ].join('')
  return hex + crcHex(hex)
}

export function naivePreload(preload: Preload): string {
  const { statistics, model } = preload
  const type = textHex(preload.sensorType)
  const head = [
    textHex('ALEC'),
    littleU32(1),
    littleU32(preload.contextVersion),
    littleU16(type.length / 2),
    type.padEnd(64, '0'),
    littleU64(preload.createdAt),
    littleU64(preload.trainingSamples),
  ].join('')
  const body = [
    littleU32(preload.entries.length),
    ...preload.entries.flatMap(({ bytes, code, frequency }) => [
      integerHex(bytes.length, 1),
      toHex(bytes),
      littleU16(code),
      littleU32(frequency),
    ]),
    littleF64(statistics.mean),
    littleF64(statistics.variance),
    littleF64(statistics.minObserved),
    littleF64(statistics.maxObserved),
    littleF64(statistics.minExpected),
    littleF64(statistics.maxExpected),
    integerHex(statistics.samples.length, 1),
    ...statistics.samples.map(littleF64),
    integerHex(model.type, 1),
    integerHex(model.coefficients.length, 1),
    ...model.coefficients.map(littleF64),
    littleU32(model.period),
  ].join('')
  return head + crcHex(head + body) + body
}
