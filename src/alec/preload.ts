import { ByteReader } from './byte-reader.js'
import { ByteWriter } from './byte-writer.js'
import { Context, type ContextOptions } from './context.js'
import { type Fault, failed, faultOf, ok, type Result, trailingBytes, truncated } from './fault.js'
import { crcFault, readHead, writeHead } from './file-head.js'
import { crc32 } from './hashes.js'
import { PatternDictionary } from './patterns.js'

export interface PreloadEntry {
  /** At most 255. */
  readonly bytes: Uint8Array
  /** u16. */
  readonly code: number
  readonly frequency: number
}

export interface PreloadStatistics {
  readonly mean: number
  readonly variance: number
  readonly minObserved: number
  readonly maxObserved: number
  readonly minExpected: number
  readonly maxExpected: number
  /** Typical values, at most 255. */
  readonly samples: readonly number[]
}

export interface PreloadModel {
  readonly type: number
  /** At most 255. */
  readonly coefficients: readonly number[]
  readonly period: number
}

/** A `.alec-context` file: a dictionary and statistics that were trained beforehand for one kind of sensor. */
export interface Preload {
  readonly contextVersion: number
  /** At most 32 bytes of UTF-8. */
  readonly sensorType: string
  /** Unix seconds. */
  readonly createdAt: number
  readonly trainingSamples: number
  readonly entries: readonly PreloadEntry[]
  readonly statistics: PreloadStatistics
  readonly model: PreloadModel
}

const head = { magic: 'ALEC', format: 1 }
const typeLength = 32
const crcAt = 62
const headerLength = 66

const utf8 = new TextEncoder()

export function encodePreload(preload: Preload): Uint8Array {
  const writer = new ByteWriter('little')
  writeHead(writer, head)
  writer.u32(preload.contextVersion)
  const type = utf8.encode(preload.sensorType)
  if (type.length > typeLength) {
    throw new RangeError(`a sensor type of ${type.length} bytes; at most ${typeLength} fit`)
  }
  writer.u16(type.length)
  writer.bytes(type)
  writer.bytes(new Uint8Array(typeLength - type.length))
  writer.count(preload.createdAt)
  writer.count(preload.trainingSamples)
  // Filled in when the rest is known.
  writer.u32(0)
  writer.u32(preload.entries.length)
  for (const { bytes, code, frequency } of preload.entries) {
    writer.shortBytes(bytes)
    writer.u16(code)
    writer.u32(frequency)
  }
  const { mean, variance, minObserved, maxObserved, minExpected, maxExpected } = preload.statistics
  for (const value of [mean, variance, minObserved, maxObserved, minExpected, maxExpected]) {
    writer.f64(value)
  }
  writeNumbers(writer, preload.statistics.samples)
  writer.u8(preload.model.type)
  writeNumbers(writer, preload.model.coefficients)
  writer.u32(preload.model.period)
  const bytes = writer.finish()
  new DataView(bytes.buffer).setUint32(crcAt, crcWithoutItself(bytes), true)
  return bytes
}

/** Reads a preload file. No length in it is believed before the bytes for it are there. */
export function parsePreload(bytes: Uint8Array): Result<Preload> {
  const reader = new ByteReader(bytes, 'little')
  const fault = readPreamble(reader, bytes)
  if (fault) return failed(fault)
  const contextVersion = reader.u32('the context version')
  const sensorType = readSensorType(reader)
  const createdAt = reader.count('the time of creation')
  const trainingSamples = reader.count('the number of training samples')
  reader.u32('the CRC')
  const entries = readEntries(reader)
  const statistics = {
    mean: reader.f64('the mean'),
    variance: reader.f64('the variance'),
    minObserved: reader.f64('the lowest observed value'),
    maxObserved: reader.f64('the highest observed value'),
    minExpected: reader.f64('the lowest expected value'),
    maxExpected: reader.f64('the highest expected value'),
    samples: readNumbers(reader, 'statistics'),
  }
  const model = {
    type: reader.u8('the model type'),
    coefficients: readNumbers(reader, 'coefficients'),
    period: reader.u32('the model period'),
  }
  if (reader.left > 0) reader.refuse(trailingBytes('the preload', reader.at, bytes.length))
  if (reader.fault) return failed(reader.fault)
  return ok({
    contextVersion,
    sensorType,
    createdAt,
    trainingSamples,
    entries,
    statistics,
    model,
  })
}

/** A context with the preload's version and dictionary and no sources. */
export function contextFromPreload(
  preload: Preload,
  options: Omit<ContextOptions, 'sensorType'> = {},
): Context {
  const patterns = new PatternDictionary()
  for (const { bytes, code, frequency } of preload.entries) {
    patterns.set(code, { bytes, frequency, lastUsed: 0, createdAt: 0 })
    patterns.nextCode = Math.max(patterns.nextCode, code + 1)
  }
  const { sensorType, contextVersion: version } = preload
  return Context.from({ ...options, sensorType }, { version, observations: 0 }, [], patterns)
}

function readPreamble(reader: ByteReader, bytes: Uint8Array): Fault | undefined {
  readHead(reader, head)
  if (reader.fault) return reader.fault
  if (bytes.length < headerLength) {
    return truncated('the header of a preload', 0, headerLength, bytes.length)
  }
  return crcFault(bytes, crcAt, crcWithoutItself(bytes))
}

function readSensorType(reader: ByteReader): string {
  const at = reader.at
  const length = reader.u16('the length of the sensor type')
  if (length > typeLength) {
    reader.refuse(
      faultOf(
        'too-large',
        at,
        `a sensor type of ${length} bytes; at most ${typeLength} was expected`,
      ),
    )
  }
  const text = reader.text('the sensor type', length)
  const paddingAt = reader.at
  const padding = reader.bytes('the padding of the sensor type', typeLength - length)
  const dirty = padding.findIndex((byte) => byte !== 0)
  if (dirty >= 0) {
    reader.refuse(
      faultOf(
        'invalid-text',
        paddingAt + dirty,
        'the sensor type goes on behind its length; 0 was expected',
      ),
    )
  }
  return text
}

function readEntries(reader: ByteReader): PreloadEntry[] {
  const count = reader.u32('the entry count')
  const entries: PreloadEntry[] = []
  while (entries.length < count && !reader.fault) {
    const bytes = reader.shortBytes('an entry')
    const code = reader.u16("an entry's code")
    const frequency = reader.u32("an entry's frequency")
    entries.push({ bytes, code, frequency })
  }
  return entries
}

function writeNumbers(writer: ByteWriter, numbers: readonly number[]): void {
  if (numbers.length > 255) throw new RangeError(`${numbers.length} numbers; at most 255 fit`)
  writer.u8(numbers.length)
  for (const value of numbers) writer.f64(value)
}

function readNumbers(reader: ByteReader, what: string): number[] {
  const count = reader.u8(`the number of ${what}`)
  const numbers: number[] = []
  while (numbers.length < count && !reader.fault) numbers.push(reader.f64(what))
  return numbers
}

function crcWithoutItself(bytes: Uint8Array): number {
  const others = new Uint8Array(bytes.length - (headerLength - crcAt))
  others.set(bytes.subarray(0, crcAt))
  others.set(bytes.subarray(headerLength), crcAt)
  return crc32(others)
}
