import { ALPHA } from './average.js'
import { ByteReader } from './byte-reader.js'
import { ByteWriter } from './byte-writer.js'
import { Context } from './context.js'
import { failed, faultOf, ok, type Result, trailingBytes } from './fault.js'
import { crcFault, readHead, writeHead } from './file-head.js'
import { crc32 } from './hashes.js'
import { maxPatternLength, maxPatterns, PatternDictionary } from './patterns.js'
import type { SourceRecord } from './source-state.js'

const head = { magic: 'ALCS', format: 1 }
const crcLength = 4
/** Longest history per source that an import accepts; devices keep 20 or 100. */
const maxHistory = 65_535

/** A context as bytes, the device library's own interchange format: byte for byte what it exports. */
export function exportAlcs(context: Context): Uint8Array {
  const writer = new ByteWriter('little')
  writeHead(writer, head)
  writer.u32(context.version)
  writer.u32(context.scale)
  writer.count(context.observations)
  const patterns = context.patterns()
  writer.u32(patterns.nextCode)
  writer.shortText(context.sensorType)
  const records = context.records()
  writer.u32(records.length)
  for (const record of records) writeSource(writer, record)
  writer.u32(patterns.size)
  for (const [code, pattern] of patterns.entries()) {
    writer.u32(code)
    writer.u16(pattern.bytes.length)
    writer.bytes(pattern.bytes)
    writer.count(pattern.frequency)
    writer.count(pattern.lastUsed)
    writer.count(pattern.createdAt)
  }
  writer.u32(crc32(writer.finish()))
  return writer.finish()
}

/** Reads what `exportAlcs` or a device wrote. No length in it is believed before the bytes for it are there. */
export function importAlcs(bytes: Uint8Array): Result<Context> {
  const crcAt = Math.max(0, bytes.length - crcLength)
  const reader = new ByteReader(bytes, 'little', 0, crcAt)
  readHead(reader, head)
  const fault = reader.fault ?? crcFault(bytes, crcAt, crc32(bytes.subarray(0, crcAt)))
  if (fault) return failed(fault)
  const version = reader.u32('the context version')
  const scaleAt = reader.at
  const scale = reader.u32('the scale factor')
  if (scale === 0) {
    reader.refuse(
      faultOf('invalid-number', scaleAt, 'the scale factor is 0; 1 or more was expected'),
    )
  }
  const observations = reader.count('the observation count')
  const nextCode = reader.u32('the next pattern code')
  const sensorType = reader.shortText('the sensor type')
  const sources = readSources(reader)
  const patterns = readPatterns(reader)
  patterns.nextCode = nextCode
  if (reader.left > 0) reader.refuse(trailingBytes('the ALCS state', reader.at, crcAt))
  if (reader.fault) return failed(reader.fault)
  // Sources that come later remember as much as those that are there.
  const historySize = sources[0]?.maxHistory ?? 100
  const options = { historySize, sensorType, scale }
  return ok(Context.from(options, { version, observations }, sources, patterns))
}

function writeSource(writer: ByteWriter, source: SourceRecord): void {
  writer.u32(source.key)
  writer.count(source.count)
  writer.f64(source.last)
  writer.f64(source.ema)
  writer.f64(ALPHA)
  writer.f64(source.m2)
  writer.f64(source.mean)
  writer.u32(source.maxHistory)
  writer.u32(source.history.length)
  for (const value of source.history) writer.f64(value)
}

function readSources(reader: ByteReader): SourceRecord[] {
  const count = reader.u32('the source count')
  const sources: SourceRecord[] = []
  let previous = -1
  while (sources.length < count && !reader.fault) {
    const at = reader.at
    const source = readSource(reader)
    requireAscending(reader, 'source key', at, previous, source.key)
    previous = source.key
    sources.push(source)
  }
  return sources
}

function readSource(reader: ByteReader): SourceRecord {
  const key = reader.u32('a source key')
  const count = reader.count('an observation count')
  const last = reader.f64('a last value')
  const ema = reader.f64('an average')
  const alphaAt = reader.at
  const alpha = reader.f64('an averaging weight')
  // With another weight every prediction of ours would be wrong.
  if (alpha !== ALPHA) {
    reader.refuse(
      faultOf('invalid-number', alphaAt, `averaging weight ${alpha}; ${ALPHA} was expected`),
    )
  }
  const m2 = reader.f64('a sum of squares')
  const mean = reader.f64('a mean')
  const limitAt = reader.at
  const limit = reader.u32('a history limit')
  const length = reader.u32('a history length')
  if (limit > maxHistory) {
    reader.refuse(
      faultOf('too-large', limitAt, `a history of ${limit}; at most ${maxHistory} was expected`),
    )
  }
  if (length > limit) {
    reader.refuse(
      faultOf(
        'too-large',
        limitAt + 4,
        `${length} values of history; at most ${limit} was expected`,
      ),
    )
  }
  const history: number[] = []
  while (history.length < length && !reader.fault) history.push(reader.f64('a history value'))
  return { key, count, last, ema, mean, m2, maxHistory: limit, history }
}

function readPatterns(reader: ByteReader): PatternDictionary {
  const patterns = new PatternDictionary()
  const countAt = reader.at
  const count = reader.u32('the pattern count')
  if (count > maxPatterns) {
    reader.refuse(
      faultOf('too-large', countAt, `${count} patterns; at most ${maxPatterns} was expected`),
    )
  }
  let previous = -1
  while (patterns.size < count && !reader.fault) {
    const at = reader.at
    const code = reader.u32('a pattern code')
    requireAscending(reader, 'pattern code', at, previous, code)
    previous = code
    const length = reader.u16('a pattern length')
    if (length > maxPatternLength) {
      reader.refuse(
        faultOf(
          'too-large',
          at + 4,
          `a pattern of ${length} bytes; at most ${maxPatternLength} was expected`,
        ),
      )
    }
    const bytes = reader.bytes('a pattern', length)
    const frequency = reader.count('a frequency')
    const lastUsed = reader.count('a time of last use')
    const createdAt = reader.count('a time of creation')
    if (!reader.fault) patterns.set(code, { bytes, frequency, lastUsed, createdAt })
  }
  return patterns
}

// Ascending as the device writes them, which also means that none comes twice.
function requireAscending(
  reader: ByteReader,
  what: string,
  at: number,
  previous: number,
  next: number,
): void {
  if (next > previous) return
  reader.refuse(
    faultOf(
      'invalid-number',
      at,
      `${what} ${next} after ${previous}; ascending ones were expected`,
    ),
  )
}
