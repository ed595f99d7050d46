import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findJournal } from '../../src/journal/index.js'
import { decodeHeader, encodeHeader } from '../../src/journal/segment-header.js'
import { testSeed } from '../support/mulberry.js'
import { SimDisk, STATE } from '../support/sim-disk.js'
import { numberOf, openJournal, ordinalsOf, readAll } from './open-journal.js'

const range = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i)
const VERSION_AT = 8
const nameOf = (first: number) => `j-${String(first).padStart(16, '0')}.seg`

const header = fc.record({
  first: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  checkpoint: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
  mono: fc.double({ noNaN: true }),
  wall: fc.double({ noNaN: true }),
  uptimeMs: fc.double({ noNaN: true }),
  bootId: fc.string({ maxLength: 60 }),
})

describe('the header of a segment', () => {
  it('comes back as it was written', () => {
    fc.assert(
      fc.property(header, fc.uint8Array(), (written, rest) => {
        const bytes = encodeHeader(written)
        const decoded = decodeHeader(Buffer.concat([bytes, rest]))
        expect(decoded).toEqual({ ok: true, header: written, length: bytes.length })
      }),
      { seed: testSeed },
    )
  })

  it('F-45: is refused with any byte flipped, or cut', () => {
    fc.assert(
      fc.property(header, fc.nat(), fc.integer({ min: 1, max: 255 }), (written, n, flip) => {
        const bytes = encodeHeader(written)
        const at = n % bytes.length
        expect(decodeHeader(bytes.subarray(0, at)).ok).toBe(false)
        bytes[at] = bytes[at]! ^ flip
        expect(decodeHeader(bytes).ok).toBe(false)
      }),
      { seed: testSeed },
    )
  })
})

/** Ten entries in segments of about five, and the files of that. */
async function twoSegments() {
  const disk = new SimDisk()
  const { journal, append, clock } = await openJournal(disk, { limits: { segmentBytes: 350 } })
  for (const n of range(1, 10)) {
    append(n)
    clock.advance(1000)
    await journal.flush()
  }
  journal.checkpoint(4)
  await journal.close()
  const [older, newer] = disk.names
  const firsts = disk.names.map((name) => Number(name.slice(2, 18)))
  expect(firsts.length).toBe(2)
  return { disk, files: new Map(disk.files), older: older!, newer: newer!, second: firsts[1]! }
}

const withHeader = (data: Uint8Array, change: (bytes: Uint8Array) => void) => {
  const bytes = new Uint8Array(data)
  change(bytes)
  return bytes
}

describe('what an earlier run has left', () => {
  it('is nothing in an empty directory, nor where there is none', async () => {
    const nothing = {
      segments: [],
      unsure: [],
      lastOrdinal: 0,
      checkpoint: 0,
      lastTime: undefined,
      damaged: [],
    }
    expect(await findJournal(new SimDisk(), STATE)).toEqual(nothing)
    expect(await findJournal(new SimDisk(), '/nowhere')).toEqual(nothing)
  })

  it('says when it ended, by the clock of its machine', async () => {
    const { disk } = await twoSegments()
    const { lastTime, lastOrdinal, checkpoint } = await findJournal(disk, STATE)
    expect({ lastOrdinal, checkpoint }).toEqual({ lastOrdinal: 10, checkpoint: 4 })
    // The checkpoint was the last that was written.
    expect(lastTime).toMatchObject({ mono: 10_000, uptimeMs: 10_000, bootId: 'boot-1' })
  })

  it('F-43: is found by reading the newest segment alone, however many there are', async () => {
    const disk = new SimDisk()
    const { journal, append } = await openJournal(disk, { limits: { segmentBytes: 350 } })
    for (const n of range(1, 200)) {
      append(n)
      await journal.flush()
    }
    const read: string[] = []
    disk.onStep = (step, path) => {
      if (step === 'read') read.push(path)
    }
    const { lastOrdinal, segments } = await findJournal(disk, STATE)
    expect(segments.length).toBeGreaterThan(30)
    expect(lastOrdinal).toBe(200)
    expect(read).toEqual([segments.at(-1)?.path])
  })

  it('is cleared of segments that were never finished', async () => {
    const { disk } = await twoSegments()
    const names = disk.names
    await disk.write(`${STATE}/${nameOf(11)}.tmp`, Uint8Array.of(1))
    await findJournal(disk, STATE)
    expect(disk.names).toEqual(names)
  })

  it('leaves files alone that are none of the journal’s', async () => {
    const names = [
      'j-1.seg',
      's-7',
      `${nameOf(3)}.bak`,
      'j-9999999999999999.seg',
      'notes.tmp',
    ].sort()
    const disk = new SimDisk(names.map((name) => [name, Uint8Array.of(1)]))
    const { lastOrdinal, segments } = await findJournal(disk, STATE)
    expect({ lastOrdinal, segments }).toEqual({ lastOrdinal: 0, segments: [] })
    expect(disk.names).toEqual(names)
  })

  it('rejects as the disk does, where the directory cannot be read', async () => {
    const { disk } = await twoSegments()
    disk.fault = (step) => (step === 'list' ? 'EIO' : undefined)
    await expect(findJournal(disk, STATE)).rejects.toMatchObject({ code: 'EIO' })
  })
})

describe('F-45: a segment', () => {
  it('whose header is damaged is read all the same, and the checkpoint is that of the one before', async () => {
    const { files, newer } = await twoSegments()
    const changed = withHeader(files.get(newer)!, (bytes) => bytes.fill(0, 0, 20))
    const disk = new SimDisk([...files, [newer, changed]])
    const { journal, heard } = await openJournal(disk)
    expect((await readAll(journal)).map(numberOf)).toEqual(range(1, 10))
    expect(heard.damaged).toEqual([])
  })

  it('that is empty or garbage is set aside; its ordinals are never given again', async () => {
    const { files, newer, second } = await twoSegments()
    for (const garbage of [new Uint8Array(), new Uint8Array(900).fill(7)]) {
      const disk = new SimDisk([...files, [newer, garbage]])
      const { journal, append, heard } = await openJournal(disk)
      expect(heard.damaged).toMatchObject([
        { name: newer, damage: 'bad-header', keptAs: `${newer}.corrupt-1` },
      ])
      expect(journal.lastOrdinal).toBeGreaterThanOrEqual(second)
      if (garbage.length > 0) expect(journal.lastOrdinal).toBeGreaterThanOrEqual(10)
      append(11)
      await journal.flush()
      const left = ordinalsOf(await readAll(journal))
      expect(left).toEqual([...range(1, second - 1), journal.lastOrdinal])
    }
  })

  it('of a newer version is set aside whole, however much of it could be read', async () => {
    const { files, newer, second } = await twoSegments()
    const written = decodeHeader(files.get(newer)!)
    if (!written.ok) throw new Error('no header')
    const changed = withHeader(files.get(newer)!, (bytes) => {
      const headerOnly = Buffer.from(encodeHeader(written.header))
      headerOnly.writeUInt32BE(2, VERSION_AT)
      bytes.set(resealed(headerOnly))
    })
    const disk = new SimDisk([...files, [newer, changed]])
    const { journal, heard } = await openJournal(disk)
    expect(heard.damaged).toMatchObject([{ name: newer, damage: 'other-format' }])
    expect((await readAll(journal)).map(numberOf)).toEqual(range(1, second - 1))
    expect(journal.lastOrdinal).toBeGreaterThanOrEqual(10)
  })

  it('that the disk does not give stays where it is, for another time', async () => {
    const { disk, newer, second } = await twoSegments()
    disk.fault = (step, path) => (step === 'read' && path.endsWith(newer) ? 'EIO' : undefined)
    const { journal, append, heard } = await openJournal(disk)
    expect(heard.damaged).toMatchObject([{ name: newer, damage: 'unreadable' }])
    append(11)
    await journal.flush()
    disk.fault = undefined
    const later = await openJournal(disk.kill())
    const entries = await readAll(later.journal)
    expect(ordinalsOf(entries)).toEqual([...range(1, 10), journal.lastOrdinal])
    expect(journal.lastOrdinal).toBeGreaterThan(10)
    expect(second).toBeGreaterThan(1)
  })

  it('that the disk gives at the third time of asking is not damaged', async () => {
    const { disk } = await twoSegments()
    let asked = 0
    disk.fault = (step) => (step === 'read' && ++asked <= 2 ? 'EMFILE' : undefined)
    const { journal, heard } = await openJournal(disk)
    expect(heard.damaged).toEqual([])
    expect((await readAll(journal)).map(numberOf)).toEqual(range(1, 10))
  })

  it('that turns out bad while it is read is said, with the entries that are lost', async () => {
    const { disk, older, second } = await twoSegments()
    const opened = await openJournal(disk)
    await disk.truncate(`${STATE}/${older}`, 10)
    expect((await readAll(opened.journal)).map(numberOf)).toEqual(range(second, 10))
    expect(opened.heard.damaged).toMatchObject([{ name: older, damage: 'bad-header' }])
    expect(opened.heard.lost).toEqual([{ from: 1, to: second - 1 }])
    await readAll(opened.journal)
    expect(opened.heard.lost.length).toBe(1)
    expect(opened.journal.counters().lost).toBe(second - 1)
  })

  it('that is being written and cannot be read is followed by a new one', async () => {
    const disk = new SimDisk()
    const opened = await openJournal(disk)
    opened.append(1)
    await opened.journal.flush()
    disk.fault = (step) => (step === 'read' ? 'EIO' : undefined)
    expect(await readAll(opened.journal)).toEqual([])
    disk.fault = undefined
    opened.append(2)
    await opened.journal.flush()
    expect((await readAll(opened.journal)).map(numberOf)).toEqual([2])
    expect(disk.names.length).toBe(2)
  })
})

/** A header with the checksum that belongs to it. */
function resealed(bytes: Buffer): Buffer {
  bytes.writeUInt32BE(crc32(bytes.subarray(0, -4)), bytes.length - 4)
  return bytes
}
