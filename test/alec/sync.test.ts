import { describe, expect, it } from 'vitest'
import {
  announceOf,
  applyDiff,
  Context,
  encodeSync,
  exportAlcs,
  parseSync,
  type SyncDiff,
  type SyncMessage,
  xxh64,
} from '../../src/alec/index.js'
import { testSeed } from '../support/mulberry.js'
import { fromHex, toHex, vectors } from '../support/vectors.js'
import { f64Hex, integerHex } from './naive-codec.js'
import { damaged, firstFailure, type Random } from './random.js'

/** What the vectors' `debug` texts say, in our words. */
const messages: readonly SyncMessage[] = [
  { type: 'announce', version: 2, hash: 16_911_046_598_526_943_878n, patternCount: 2 },
  { type: 'request', from: 5 },
  { type: 'request', from: 0, to: 77 },
  { type: 'detail-request', sequence: 123_456 },
  { type: 'range-request', sourceId: 9, from: 1000, to: 2000 },
  { type: 'detail-response', sequence: 42, value: 19.75, timestamp: 1234, sourceId: 3 },
  {
    type: 'diff',
    base: 0,
    version: 0,
    hash: 8_909_231_335_175_218_024n,
    added: [{ code: 0, bytes: Uint8Array.of(1) }],
    removed: [],
  },
]

describe('SYNC messages of the device library', () => {
  const onWire = vectors.sync().filter(({ bytes }) => bytes !== undefined)

  it('are all here', () => {
    expect(onWire.length).toBe(messages.length)
  })

  for (const [i, { kind, bytes }] of onWire.entries()) {
    it(`are written and read byte for byte: ${kind}`, () => {
      expect(toHex(encodeSync(messages[i]!))).toBe(bytes)
      expect(parseSync(fromHex(bytes!))).toStrictEqual({ ok: true, value: messages[i] })
    })
  }
})

const randomMessage = (random: Random): SyncMessage => {
  const [a, b] = [random.u32(), random.u32()]
  const hash = BigInt(a) * 2n ** 32n + BigInt(b)
  const kinds: (() => SyncMessage)[] = [
    () => ({ type: 'announce', version: a, hash, patternCount: random.below(0x1_0000) }),
    () => ({ type: 'request', from: a }),
    () => ({ type: 'request', from: a, to: b }),
    () => ({ type: 'detail-request', sequence: a }),
    () => ({ type: 'range-request', sourceId: a, from: random.count(), to: random.count() }),
    () => ({
      type: 'detail-response',
      sequence: a,
      value: random.f64(),
      timestamp: random.count(),
      sourceId: b,
    }),
    () => ({
      type: 'diff',
      base: a,
      version: b,
      hash,
      added: Array.from({ length: random.below(4) }, () => ({
        code: random.u32(),
        bytes: random.bytes(random.below(9)),
      })),
      removed: Array.from({ length: random.below(4) }, () => random.u32()),
    }),
  ]
  return random.pick(kinds)()
}

/** Field by field in hex. */
function naiveSync(message: SyncMessage): string {
  const u32 = (value: number) => integerHex(value, 4)
  switch (message.type) {
    case 'announce': {
      const hash = message.hash.toString(16).padStart(16, '0')
      return `10${u32(message.version)}${hash}${integerHex(message.patternCount, 2)}`
    }
    case 'request':
      return `11${u32(message.from)}${message.to === undefined ? '00' : `01${u32(message.to)}`}`
    case 'diff': {
      const added = message.added.map(
        ({ code, bytes }) => u32(code) + integerHex(bytes.length, 1) + toHex(bytes),
      )
      return [
        `12${u32(message.base)}${u32(message.version)}`,
        message.hash.toString(16).padStart(16, '0'),
        integerHex(added.length, 2),
        ...added,
        integerHex(message.removed.length, 2),
        ...message.removed.map(u32),
      ].join('')
    }
    case 'detail-request':
      return `13${u32(message.sequence)}`
    case 'range-request':
      return `14${u32(message.sourceId)}${integerHex(message.from, 8)}${integerHex(message.to, 8)}`
    case 'detail-response': {
      const { sequence, value, timestamp, sourceId } = message
      return `15${u32(sequence)}${f64Hex(value)}${integerHex(timestamp, 8)}${u32(sourceId)}`
    }
  }
}

describe('encodeSync and parseSync', () => {
  it(`write what their twin writes and read it back: seed ${testSeed}`, () => {
    const failure = firstFailure(100_000, (random) => {
      const message = randomMessage(random)
      const hex = toHex(encodeSync(message))
      if (hex !== naiveSync(message)) return `${hex} is not what its twin writes`
      const result = parseSync(fromHex(hex))
      if (!result.ok) return `${hex}: ${result.fault.message}`
      return naiveSync(result.value) === hex ? undefined : `${hex} was read wrong`
    })
    expect(failure).toBeUndefined()
  })

  it(`refuse damaged bytes or read just what is in them: seed ${testSeed}`, () => {
    const codes = new Set<string>()
    const failure = firstFailure(100_000, (random) => {
      const bytes = damaged(random, encodeSync(randomMessage(random)))
      const result = parseSync(bytes)
      if (!result.ok) {
        const { code, offset } = result.fault
        codes.add(code)
        return offset >= 0 && offset <= bytes.length ? undefined : `offset ${offset}`
      }
      const { value } = result
      const none = value.type === 'detail-response' && Number.isNaN(value.value)
      const same = toHex(encodeSync(value)) === toHex(bytes) || none
      return same ? undefined : `${toHex(bytes)} was read as ${JSON.stringify(value)}`
    })
    expect(failure).toBeUndefined()
    expect([...codes].sort()).toEqual([
      'invalid-message-type',
      'invalid-number',
      'trailing-bytes',
      'truncated',
    ])
  })

  it.each([
    ['', 'truncated', 0, '1 byte expected at offset 0 for the type of a SYNC message'],
    ['16', 'invalid-message-type', 0, 'SYNC message 0x16; 0x10 to 0x15 was expected'],
    ['110000000502', 'invalid-number', 5, '0x02 for "a last version follows"; 0 or 1'],
    ['11000000050000', 'trailing-bytes', 6, 'ends at offset 6, but 1 more byte came'],
    ['12000000000000000000000000000000000000ffff', 'truncated', 21, 'for a removed code'],
  ])('refuse %s', (hex, code, offset, message) => {
    const result = parseSync(fromHex(hex))
    if (result.ok) throw new Error('was accepted')
    expect(result.fault).toMatchObject({ code, offset })
    expect(result.fault.message).toContain(message)
  })
})

describe('applyDiff', () => {
  const diffOf = (diff: Partial<SyncDiff>): SyncDiff => ({
    type: 'diff',
    base: 0,
    version: 9,
    hash: 0n,
    added: [],
    removed: [],
    ...diff,
  })

  it('takes what the device library sends', () => {
    const { bytes } = vectors.sync().find(({ kind }) => kind === 'diff')!
    const diff = parseSync(fromHex(bytes!))
    const context = new Context()
    if (!diff.ok || diff.value.type !== 'diff') throw new Error('is no diff')
    expect(applyDiff(context, diff.value)).toBeUndefined()
    expect(context.pattern(0)).toEqual({
      bytes: Uint8Array.of(1),
      frequency: 1,
      lastUsed: 0,
      createdAt: 0,
    })
    expect(announceOf(context)).toEqual({
      type: 'announce',
      version: 0,
      hash: diff.value.hash,
      patternCount: 1,
    })
  })

  it('removes before it sets', () => {
    const context = new Context()
    context.registerPattern(fromHex('aa'))
    const added = [{ code: 0, bytes: fromHex('bb') }]
    const hash = xxh64(fromHex('000000000001bb'))
    expect(applyDiff(context, diffOf({ added, removed: [0], hash }))).toBeUndefined()
    expect([context.version, context.patternCount]).toEqual([9, 1])
    expect(context.pattern(0)?.bytes).toEqual(fromHex('bb'))
  })

  it('finds the ends diverged where the hash differs, and changes nothing', () => {
    const context = new Context()
    context.registerPattern(fromHex('aa'))
    const before = toHex(exportAlcs(context))
    const fault = applyDiff(context, diffOf({ removed: [0], hash: 1n }))
    expect(fault).toEqual({
      code: 'diverged',
      offset: 0,
      message:
        "the dictionary's hash is ef46db3751d8e999 after the diff; 0000000000000001 was expected",
    })
    expect(toHex(exportAlcs(context))).toBe(before)
  })
})
