import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeSnapshot, encodeSnapshot } from '../../src/journal/snapshot-file.js'
import { stateOf } from './states.js'

const snapshot = stateOf(7)
const bytes = encodeSnapshot(snapshot)
const text = Buffer.from(bytes).toString()
const damageOf = (damaged: Uint8Array, ordinal = 7) => {
  const decoded = decodeSnapshot(damaged, ordinal)
  return decoded.ok ? 'none' : decoded.damage
}
const reworded = (from: string, to: string) => Buffer.from(text.replace(from, to))

describe('a snapshot file', () => {
  it('gives back what was written', () => {
    const decoded = decodeSnapshot(bytes, 7)
    expect(decoded).toEqual({ ok: true, snapshot })
    expect(decoded.ok && [...decoded.snapshot.devices.keys()]).toEqual(['greenhouse-1', '7'])
  })

  it('holds no device, or one with any name', () => {
    for (const name of ['', '__proto__', 'constructor', 'ä"\\\n', '\ud800']) {
      const odd = { ordinal: 0, mono: 0, wall: -0, devices: new Map([[name, { a: 1 }]]) }
      expect(decodeSnapshot(encodeSnapshot(odd), 0)).toEqual({ ok: true, snapshot: odd })
    }
    const ordinal = Number.MAX_SAFE_INTEGER
    const empty = { ordinal, mono: -1, wall: Number.NaN, devices: new Map() }
    expect(decodeSnapshot(encodeSnapshot(empty), empty.ordinal)).toEqual({
      ok: true,
      snapshot: empty,
    })
  })

  it('is one header line, then JSON with a device a line', () => {
    const [header, ...lines] = text.split('\n')
    expect(header).toMatch(/^alec-bridge-state 2 [0-9a-f]{8} \d+$/)
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
        const decoded = decodeSnapshot(damaged, 7)
        if (decoded.ok) expect(decoded.snapshot).toEqual(snapshot)
      }),
      { numRuns: 3000 },
    )
  })

  it.each<[string, Uint8Array, string]>([
    ['nothing', Buffer.of(), 'empty'],
    ['zeros', Buffer.alloc(4096), 'bad-header'],
    ['another file', Buffer.from('hello\n{}'), 'bad-header'],
    ['no line feed', Buffer.from('a'.repeat(100)), 'bad-header'],
    ['a newer format', reworded('state 2 ', 'state 3 '), 'other-format'],
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
    async (body) => {
      const { crc32 } = await import('node:zlib')
      const raw = Buffer.from(body, 'latin1')
      const sum = crc32(raw).toString(16).padStart(8, '0')
      const header = `alec-bridge-state 2 ${sum} ${raw.length}\n`
      expect(damageOf(Buffer.concat([Buffer.from(header), raw]))).toBe('bad-content')
    },
  )

  it('names the device whose state cannot be written', () => {
    const devices = new Map([['shed-1', { seen: new Set() }]])
    expect(() => encodeSnapshot({ ordinal: 1, mono: 0, wall: 0, devices })).toThrow(/shed-1.*Set/)
  })
})
