import { crc32, deflateRawSync, inflateRawSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { snapshotPieces } from '../../src/journal/snapshot-file.js'
import { decodeSnapshot } from '../../src/journal/snapshot-reader.js'
import { encodeSnapshot, stateOf, whole } from './states.js'

const snapshot = stateOf(7)
const bytes = encodeSnapshot(snapshot)
/** The file's text, which the versions before wrote as it is. */
const text = [
  `{"ordinal":7,"mono":7000.5,"wall":${snapshot.wall},"devices":[`,
  '["greenhouse-1",{"epoch":7,"channels":[[21.4,"-0","Infinity"]]}],',
  '["7",{"lastSeen":null,"poisoned":["NaN","~NaN","~~-0"],"known":false}]',
  ']}',
  '',
].join('\n')
const damageOf = (damaged: Uint8Array, ordinal = 7) => {
  const decoded = decodeSnapshot(damaged, ordinal)
  return decoded.ok ? 'none' : decoded.damage
}
const decoded = (encoded: Uint8Array, ordinal = 7) => {
  const outcome = decodeSnapshot(encoded, ordinal)
  return outcome.ok ? whole(outcome.snapshot) : undefined
}
const checksum = (body: Uint8Array) => crc32(body).toString(16).padStart(8, '0')
/** As two versions before wrote it. */
const inFormat2 = (body: Buffer) =>
  Buffer.concat([Buffer.from(`alec-bridge-state 2 ${checksum(body)} ${body.length}\n`), body])
/** As the version before wrote it. */
const inFormat3 = (body: string) => {
  const all = Buffer.from(`alec-bridge-state 3\n${body}`)
  return Buffer.concat([all, Buffer.from(`end ${checksum(all)} ${all.length}\n`)])
}
/** With a right checksum, whatever stands in its place. */
const inFormat4 = (...pieces: readonly (string | Buffer)[]) => {
  const packed = pieces.flatMap((piece) => {
    if (typeof piece !== 'string') return [piece]
    const bytes = deflateRawSync(piece)
    const head = Buffer.alloc(4)
    head.writeUInt32BE(bytes.length)
    return [head, bytes]
  })
  const all = Buffer.concat([Buffer.from('alec-bridge-state 4\n'), ...packed, Buffer.from('\n')])
  return Buffer.concat([all, Buffer.from(`end ${checksum(all)} ${all.length}\n`)])
}

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

  it('is one header line, then packed JSON with a device a line, then one line that closes it', () => {
    const file = Buffer.from(bytes)
    const [header, footer] = ['alec-bridge-state 4\n', '\nend ']
    expect(file.toString('latin1', 0, header.length)).toBe(header)
    const from = header.length + 4
    const end = from + file.readUInt32BE(from - 4)
    expect(inflateRawSync(file.subarray(from, end)).toString()).toBe(text.replace('}],\n', '}]\n'))
    expect(file.toString('latin1', end, end + footer.length)).toBe(footer)
    expect(file.toString('latin1', end + 1)).toMatch(/^end [0-9a-f]{8} \d+\n$/)
  })

  it('F-45: is refused with any bit flipped', () => {
    const flipped = bytes.slice()
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const mask = 1 << (bit & 7)
      flipped[bit >> 3]! ^= mask
      expect(damageOf(flipped), `bit ${bit}`).not.toBe('none')
      flipped[bit >> 3]! ^= mask
    }
    expect(damageOf(flipped)).toBe('none')
  })

  it('F-45: is refused cut anywhere, or longer than it was', () => {
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
    ['a newer format', Buffer.from('alec-bridge-state 5\n'), 'other-format'],
    ['an older format', Buffer.from('alec-bridge-state 1\n'), 'other-format'],
    ['a byte less', bytes.subarray(0, -1), 'wrong-length'],
    [
      'another digit',
      Buffer.from(inFormat3(text).toString().replace('21.4', '21.5')),
      'bad-checksum',
    ],
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

  it.each<[string, Buffer]>([
    ['a piece that is longer than the file', Buffer.of(0, 0, 1, 0, 1)],
    ['a piece without its whole length', Buffer.of(0, 0, 0)],
    ['a piece that is not packed', Buffer.of(0, 0, 0, 2, 0xff, 0xff)],
  ])('is refused with a right checksum over %s', (_what, piece) => {
    expect(damageOf(inFormat4(text, piece))).toBe('bad-content')
  })

  it('is refused where it ends too early, or not at its end', () => {
    expect(damageOf(inFormat4(text))).toBe('none')
    expect(damageOf(inFormat4(text.replace(']}\n', '')))).toBe('bad-content')
    expect(damageOf(inFormat4(text, '["9",{}]\n'))).toBe('bad-content')
    expect(damageOf(inFormat4(text.slice(0, -1)))).toBe('bad-content')
  })

  it.each([
    ['the version before', inFormat3(text)],
    ['two versions before', inFormat2(Buffer.from(text))],
  ])('is read as %s wrote it', (_which, former) => {
    expect(decoded(former)).toEqual(snapshot)
    for (let length = 1; length < former.length; length++)
      expect(damageOf(former.subarray(0, length)), `${length} bytes`).not.toBe('none')
    expect(damageOf(Buffer.concat([former, Buffer.of(10)]))).toBe('wrong-length')
    expect(damageOf(Buffer.from(former.toString().replace('21.4', '21.5')))).toBe('bad-checksum')
  })

  it('is read with one device only', () => {
    expect(decoded(inFormat3(text.replace(/,\n.*\n\]/, '\n]')))?.devices.size).toBe(1)
  })

  it('says the same in pieces of any size, none of which is made before it is asked for', () => {
    for (const size of [1, 50, 100, 1000])
      expect(decoded(Buffer.concat([...snapshotPieces(snapshot, size)]))).toEqual(snapshot)
    const asked: string[] = []
    function* devices() {
      for (const [device, state] of snapshot.devices) {
        asked.push(device)
        yield [device, state] as const
      }
    }
    const pieces = snapshotPieces({ ...snapshot, devices: devices() }, 70)
    pieces.next()
    expect(asked).toEqual(['greenhouse-1'])
    pieces.next()
    expect(asked).toEqual(['greenhouse-1', '7'])
  })

  it('has a plan that is longer than a piece in several', () => {
    const plan = { devices: { ä: Array.from({ length: 500 }, (_, n) => `ü-${n}`) } }
    const planned = { ...snapshot, epochBase: 3, plan }
    const pieces = [...snapshotPieces(planned, 501)]
    expect(pieces.length).toBeGreaterThan(4)
    expect(decoded(Buffer.concat(pieces))).toEqual(planned)
  })

  it('names the device whose state cannot be written', () => {
    const devices = new Map([['shed-1', { seen: new Set() }]])
    expect(() => encodeSnapshot({ ordinal: 1, mono: 0, wall: 0, devices })).toThrow(/shed-1.*Set/)
  })
})
