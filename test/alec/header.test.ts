import { describe, expect, it } from 'vitest'
import { putStandardHeader, readStandardHeader } from '../../src/alec/header.js'
import { type MessageType, ParsedFrame, type Priority } from '../../src/alec/index.js'
import { testSeed } from '../support/mulberry.js'
import { toHex } from '../support/vectors.js'
import { naiveHeader } from './naive-codec.js'
import { firstFailure } from './random.js'

const types: readonly MessageType[] = [
  'data',
  'sync',
  'request',
  'response',
  'ack',
  'nack',
  'heartbeat',
  'fixed-channel',
]

describe('standard header', () => {
  it(`is written as its twin writes it and read back: seed ${testSeed}`, () => {
    const bytes = new Uint8Array(10)
    const read = new ParsedFrame()
    const failure = firstFailure(100_000, (random) => {
      const type = random.below(8)
      const header = {
        messageType: types[type]!,
        priority: (1 + random.below(5)) as Priority,
        sequence: random.below(0x1_0000),
        timestamp: random.u32(),
        version: random.u32(),
      }
      putStandardHeader(bytes, header)
      const twin = naiveHeader({ ...header, type, priority: header.priority - 1 })
      if (toHex(bytes) !== twin) return `${JSON.stringify(header)} was written as ${toHex(bytes)}`
      if (readStandardHeader(bytes, read)) return `${twin} was refused`
      const same =
        read.messageType === header.messageType &&
        read.priority === header.priority &&
        read.sequence === header.sequence &&
        read.timestamp === header.timestamp &&
        read.version === header.version % 2 ** 24
      return same ? undefined : `${twin} was read wrong`
    })
    expect(failure).toBeUndefined()
  })

  it.each([5, 6, 7])('knows no priority of code %i', (code) => {
    const bytes = new Uint8Array(10)
    bytes[0] = 0x40 | code
    const fault = readStandardHeader(bytes, new ParsedFrame())
    expect(fault).toMatchObject({ code: 'invalid-priority', offset: 0 })
  })
})
