import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { snapshotPieces } from '../../src/journal/snapshot-file.js'
import { decodeSnapshot } from '../../src/journal/snapshot-reader.js'
import { encodeSnapshot, stateOf, whole } from './states.js'

const snapshot = stateOf(7)
const bytes = encodeSnapshot(snapshot)
const text = Buffer.from(bytes).toString()
const damageOf = (damaged: Uint8Array, ordinal = 7) => {
  const decoded = decodeSnapshot(damaged, ordinal)
  return decoded.ok ? 'none' : decoded.damage
}
const decoded = (encoded: Uint8Array, ordinal = 7) => {
  const outcome = decodeSnapshot(encoded, ordinal)
  return outcome.ok ? whole(outcome.snapshot) : undefined
}
/** As the version before wrote it. */
const inFormat2 = (body: Buffer) =>
  Buffer.concat([
    Buffer.from(
      `alec-bridge-state 2 ${crc32(body).toString(16).padStart(8, '0')} ${body.length}\n`,
    ),
    body,
  ])
const reworded = (from: string, to: string) => Buffer.from(text.replace(from, to))

describe('a snapshot file', () => {
  it('gives back what was written', () => {
    expect(decoded(bytes)).toEqual(snapshot)
    expect([...(decoded(bytes)?.devices.keys() ?? [])]).toEqual(['greenhouse-1', '7'])
  })

  it('holds no device, or one with any name', () => {
    for (const name of ['', '__proto__', 'constructor', 'ä"\\\n', '\ud800']) {
      const odd = { ordinal: 0, mono: 0, wall: -0, devices: new Map([[name, { a: 1 }]]) }
      expect(decoded(encodeSnapshot(odd), 0)).toEqual(odd)
    }
    const ordinal = Number.MAX_SAFE_INTEGER
    const empty = { ordinal, mono: -1, wall: Number.NaN, devices: new Map() }
    expect(decoded(encodeSnapshot(empty), empty.ordinal)).toEqual(empty)
  })

  it('is one header line, then JSON with a device a line, then one line that closes it', () => {
    const [header, ...lines] = text.split('\n')
    expect(header).toBe('alec-bridge-state 3')
    expect(lines.splice(-2).join('\n')).toMatch(/^end [0-9a-f]{8} \d+\n$/)
    expect(lines.filter((line) => line.startsWith('["'))).toHaveLength(2)
    expect(JSON.parse(lines.join('\n'))).toMatchObject({
      ordinal: 7,
      mono: 7000.5,
      wall: snapshot.wall,
    })
  })

  it('is refused with any bit flipped', () => {
    const flipped = bytes.slice()
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const mask = 1 << (bit & 7)
      flipped[bit >> 3]! ^= mask
      expect(damageOf(flipped), `bit ${bit}`).not.toBe('none')
      flipped[bit >> 3]! ^= mask
    }
    expect(damageOf(flipped)).toBe('none')
  })

  it('is refused cut anywhere, or longer than it was', () => {
    for (let length = 0; length < bytes.length; length++) {
      expect(damageOf(bytes.subarray(0, length)), `${length} bytes`).not.toBe('none')
      expect(damageOf(bytes.subarray(bytes.length - length)), `last ${length} bytes`).not.toBe(
        'none',
      )
    }
    expect(damageOf(Buffer.concat([bytes, Buffer.of(0)]))).toBe('wrong-length')
    expect(damageOf(Buffer.concat([bytes, bytes]))).toBe('wrong-length')
  })

  it('gives back what was written or nothing, whatever was done to it', () => {
    const edit = fc.record({
      at: fc.nat(bytes.length),
      removed: fc.nat(40),
      put: fc.uint8Array({ maxLength: 40 }),
    })
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 5 }), (edits) => {
        let damaged = Buffer.from(bytes)
        for (const { at, removed, put } of edits) {
          damaged = Buffer.concat([damaged.subarray(0, at), put, damaged.subarray(at + removed)])
        }
        expect([undefined, snapshot]).toContainEqual(decoded(damaged))
      }),
      { numRuns: 3000 },
    )
  })

  it.each<[string, Uint8Array, string]>([
    ['nothing', Buffer.of(), 'empty'],
    ['zeros', Buffer.alloc(4096), 'bad-header'],
    ['another file', Buffer.from('hello\n{}'), 'bad-header'],
    ['no line feed', Buffer.from('a'.repeat(100)), 'bad-header'],
    ['a newer format', reworded('state 3', 'state 4'), 'other-format'],
    ['a byte less', bytes.subarray(0, -1), 'wrong-length'],
    ['another digit', reworded('21.4', '21.5'), 'bad-checksum'],
  ])('names the damage: %s', (_what, damaged, damage) => {
    expect(damageOf(damaged)).toBe(damage)
  })

  it('is refused under another ordinal', () => {
    expect(damageOf(bytes, 8)).toBe('bad-content')
  })

  it.each(['', 'null', '[]', '{', '{"ordinal":7}', '{"ordinal":7,"wall":1,"devices":[1]}', '\xff'])(
    'is refused with a right checksum over %j',
    (body) => {
      expect(damageOf(inFormat2(Buffer.from(body, 'latin1')))).toBe('bad-content')
    },
  )

  it('is read as the version before wrote it', () => {
    const body = Buffer.from(text.slice(text.indexOf('\n') + 1, text.lastIndexOf('end ')))
    const former = inFormat2(body)
    expect(decoded(former)).toEqual(snapshot)
    for (let length = 1; length < former.length; length++)
      expect(damageOf(former.subarray(0, length)), `${length} bytes`).not.toBe('none')
    expect(damageOf(Buffer.concat([former, Buffer.of(10)]))).toBe('wrong-length')
    expect(damageOf(Buffer.from(former.toString().replace('21.4', '21.5')))).toBe('bad-checksum')
    expect(
      decoded(inFormat2(Buffer.from(body.toString().replace(/,\n.*\n\]/, '\n]'))))?.devices.size,
    ).toBe(1)
  })

  it('is the same in pieces of any size, none of which is made before it is asked for', () => {
    for (const size of [1, 50, 100, 1000])
      expect(Buffer.concat([...snapshotPieces(snapshot, size)]).toString()).toBe(text)
    const asked: string[] = []
    function* devices() {
      for (const [device, state] of snapshot.devices) {
        asked.push(device)
        yield [device, state] as const
      }
    }
    const pieces = snapshotPieces({ ...snapshot, devices: devices() }, 1)
    pieces.next()
    expect(asked).toEqual(['greenhouse-1'])
    pieces.next()
    expect(asked).toEqual(['greenhouse-1', '7'])
  })

  it('names the device whose state cannot be written', () => {
    const devices = new Map([['shed-1', { seen: new Set() }]])
    expect(() => encodeSnapshot({ ordinal: 1, mono: 0, wall: 0, devices })).toThrow(/shed-1.*Set/)
  })
})
