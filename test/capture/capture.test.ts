import { describe, expect, it } from 'vitest'
import { captureRemark } from '../../src/capture/capture-head.js'
import { captureLine } from '../../src/capture/capture-line.js'
import {
  type CaptureEntry,
  type CaptureTarget,
  CaptureWriter,
  captureHead,
  readCapture,
} from '../../src/capture/index.js'
import { textLines } from '../../src/capture/text-lines.js'
import type { Frame, Integrity } from '../../src/framing/index.js'
import { mulberry, testSeed } from '../support/mulberry.js'

const WALL = Date.UTC(2026, 10, 27, 7, 30)
const frame = (
  device: string,
  bytes: readonly number[],
  at: number,
  more: Partial<Frame> = {},
) => ({
  device,
  bytes: Uint8Array.from(bytes),
  mono: 5000 + at,
  wall: WALL + at,
  integrity: 'crc32' as const,
  source: 'serial:/dev/ttyUSB0',
  ...more,
})
const HEAD = captureHead({
  program: '1.2.3',
  sources: ['serial:/dev/ttyUSB0'],
  baseTopic: 'alec',
  wall: WALL,
})

/** What a text says, handed over in pieces of some length. */
async function entriesOf(text: string, size = text.length || 1): Promise<CaptureEntry[]> {
  const bytes = new TextEncoder().encode(text)
  const chunks = (async function* () {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
  })()
  const entries: CaptureEntry[] = []
  for await (const entry of readCapture(chunks)) entries.push(entry)
  return entries
}

const framesIn = (entries: readonly CaptureEntry[]) =>
  entries.flatMap((entry) => (entry.kind === 'frame' ? [entry.frame] : []))

describe('a capture', () => {
  it('is text that people can read, one frame a line', () => {
    const line = captureLine(frame('greenhouse-1', [0xa1, 0, 1, 0, 2, 4, 0x64], 1250), 1250)
    expect(HEAD + line).toBe(`# alec-bridge capture 1
# program alec-bridge 1.2.3
# source serial:/dev/ttyUSB0
# base_topic alec
# started 2026-11-27T07:30:00.000Z
# time seconds device integrity bytes frame
2026-11-27T07:30:01.250Z 1.250 greenhouse-1 crc32 7 a1000100020464
`)
  })

  it.each([1, 2, 3, 1 << 20])(
    'gives back what was written, in pieces of %i bytes',
    async (size) => {
      const random = mulberry(testSeed)
      const integrities: Integrity[] = ['crc32', 'crc16', 'none', 'mqtt']
      const frames = Array.from({ length: 40 }, (_, n) =>
        frame(
          `node-${n % 7}`,
          Array.from({ length: 1 + Math.floor(random() * 60) }, () => Math.floor(random() * 256)),
          n * 137,
          { integrity: integrities[n % 4] ?? 'none' },
        ),
      )
      const text = HEAD + frames.map((one) => captureLine(one, one.mono - 5000)).join('')
      expect(framesIn(await entriesOf(text, size))).toEqual(
        frames.map(({ source: _, mono, ...rest }) => ({ ...rest, mono: mono - 5000 })),
      )
    },
  )

  it('that was cut off anywhere is told from a whole one, and never holds a shorter frame', async () => {
    const first = captureLine(frame('a-1', [1, 2, 3, 4], 0), 0)
    const second = captureLine(frame('a-1', [0xa1, 0xb2, 0xc3, 0xd4, 0xe5], 10), 10)
    for (let cut = 1; cut < second.length; cut++) {
      const torn = first + second.slice(0, cut)
      const [one, last, ...more] = await entriesOf(torn)
      expect([one?.kind, last, more]).toEqual(['frame', { kind: 'torn', line: 2 }, []])
      // Somebody has gone on writing behind it.
      const kinds = (await entriesOf(`${torn}\n${first}`)).map(({ kind }) => kind)
      const isWhole = cut === second.length - 1
      expect(kinds).toEqual(['frame', isWhole ? 'frame' : 'fault', 'frame'])
    }
  })

  it.each([
    ['2026-11-27T07:30:01.250Z 1.250 a-1 crc32 2 a100 x', '7 fields'],
    ['2026-11-27 1.250 a-1 crc32 2 a100', 'is no time'],
    ['2026-13-27T07:30:01.250Z 1.250 a-1 crc32 2 a100', 'is no time'],
    ['2026-11-27T07:30:01.250Z -1.250 a-1 crc32 2 a100', 'is no number of seconds'],
    ['2026-11-27T07:30:01.250Z 1.250 bridge crc32 2 a100', 'is no device id'],
    ['2026-11-27T07:30:01.250Z 1.250 \u001b[31m crc32 2 a100', '"\\u001b[31m" is no device id'],
    ['2026-11-27T07:30:01.250Z 1.250 a-1 md5 2 a100', 'none of crc32, crc16, none, mqtt'],
    ['2026-11-27T07:30:01.250Z 1.250 a-1 crc32 2 a1zz', 'is no sequence of hexadecimal'],
    ['2026-11-27T07:30:01.250Z 1.250 a-1 crc32 3 a100', 'it holds 2 bytes, and says "3"'],
  ])('says what is wrong with a line: %s', async (line, reason) => {
    const [entry, next] = await entriesOf(`${line}\n${captureLine(frame('a-1', [1], 0), 0)}`)
    expect(entry).toEqual({ kind: 'fault', line: 1, reason: expect.stringContaining(reason) })
    expect(next?.kind).toBe('frame')
  })

  it('has no line of any length in memory: what is too long is cut, and no frame', async () => {
    const chunks = async function* () {
      for (let i = 0; i < 200; i++) yield 'a'.repeat(10_000)
      yield `\n${captureLine(frame('a-1', [1], 0), 0)}`
    }
    const lengths: number[] = []
    for await (const { text } of textLines(chunks())) lengths.push(text.length)
    expect(Math.max(...lengths)).toBeLessThan(132_000)
    const entries: CaptureEntry[] = []
    for await (const entry of readCapture(chunks())) entries.push(entry)
    expect(entries.map(({ kind }) => kind)).toEqual(['fault', 'frame'])
  })

  it('of a later version is not read', async () => {
    const text = HEAD.replace('capture 1', 'capture 2') + captureLine(frame('a-1', [1], 0), 0)
    expect(await entriesOf(text)).toEqual([{ kind: 'foreign', line: 1, version: 2 }])
  })

  it('goes on in another one behind it, by the wall clock between the two', async () => {
    const day = 86_400_000
    const text =
      HEAD +
      captureLine(frame('a-1', [1], 0), 0) +
      captureLine(frame('a-1', [2], 4000), 4000) +
      HEAD +
      captureLine(frame('a-1', [3], day), 500) +
      captureLine(frame('a-1', [4], day + 1000), 1500)
    expect(framesIn(await entriesOf(text)).map(({ mono }) => mono)).toEqual([
      0,
      4000,
      day,
      day + 1000,
    ])
  })

  it('does not run backwards where the wall clock does', async () => {
    const text = [1, 2, 3]
      .map((n) => captureLine(frame('a-1', [n], 0, { wall: WALL - n * 60_000 }), n * 100))
      .join('')
    expect(framesIn(await entriesOf(text)).map(({ mono }) => mono)).toEqual([100, 200, 300])
  })

  it('keeps remarks on one line', () => {
    expect(captureRemark(WALL, 'a\nb\u2028c')).toBe('# 2026-11-27T07:30:00.000Z a?b?c\n')
  })
})

/** A disk that takes a write when the test lets it. */
class SlowTarget implements CaptureTarget {
  text = ''
  readonly calls: string[] = []
  #underWay: ((error?: Error) => void) | undefined

  write(bytes: Uint8Array): Promise<void> {
    if (this.#underWay) throw new Error('two writes at a time')
    return new Promise((resolve, reject) => {
      this.#underWay = (error) => {
        this.#underWay = undefined
        if (error) {
          reject(error)
          return
        }
        this.text += new TextDecoder().decode(bytes)
        resolve()
      }
    })
  }

  async sync(): Promise<void> {
    this.calls.push('sync')
  }

  async close(): Promise<void> {
    this.calls.push('close')
  }

  async answer(error?: Error): Promise<void> {
    this.#underWay?.(error)
    await new Promise(setImmediate)
  }
}

function written(maxBytes = Number.POSITIVE_INFINITY) {
  const target = new SlowTarget()
  const full: string[] = []
  const writer = new CaptureWriter({
    target,
    head: HEAD,
    maxBytes,
    mono: 5000,
    wall: () => WALL,
    onFull: (end) => full.push(end),
  })
  return { target, full, writer }
}

async function finished(writer: CaptureWriter, target: SlowTarget) {
  let isDone = false
  const done = writer.finish('stopped').finally(() => {
    isDone = true
  })
  while (!isDone) await target.answer()
  return done
}

describe('who writes a capture', () => {
  it('makes nobody wait, and writes what has come meanwhile in one piece', async () => {
    const { target, writer } = written()
    for (let n = 0; n < 5; n++) writer.add(frame('a-1', [n], n))
    await target.answer()
    expect(target.text).toBe(HEAD)
    await target.answer()
    expect(framesIn(await entriesOf(target.text))).toHaveLength(5)
    expect(await finished(writer, target)).toEqual({
      end: 'stopped',
      frames: 5,
      devices: 1,
      bytes: target.text.length,
      missed: 0,
    })
    expect(target.text).toMatch(/^# 2026-11-27T07:30:00.000Z ended: stopped, 5 frames\n$/m)
    expect(target.calls).toEqual(['sync', 'close'])
  })

  it('ends before the file is larger than it may be', async () => {
    const { target, full, writer } = written(HEAD.length + 1000)
    for (let n = 0; n < 100; n++) {
      writer.add(frame('a-1', [n], n))
      await target.answer()
    }
    const { end, frames, bytes } = await finished(writer, target)
    expect([end, full]).toEqual(['size', ['size']])
    expect(bytes).toBe(target.text.length)
    expect(bytes).toBeLessThanOrEqual(HEAD.length + 1000)
    expect(bytes).toBeGreaterThan(HEAD.length + 800)
    expect(framesIn(await entriesOf(target.text))).toHaveLength(frames)
  })

  it('ends where the disk refuses, says so, and closes the file', async () => {
    const { target, full, writer } = written()
    await target.answer()
    writer.add(frame('a-1', [1], 0))
    await target.answer(new Error('ENOSPC: no space left on device, write'))
    expect(full).toEqual(['disk'])
    writer.add(frame('a-1', [2], 1))
    expect(await writer.finish('stopped')).toMatchObject({
      end: 'disk',
      problem: 'ENOSPC: no space left on device, write',
    })
    expect(target.calls).toEqual(['close'])
  })

  it('counts the frames that a disk which hangs does not take, and keeps no more of them than 4 MB', async () => {
    const { writer } = written()
    const large = Array.from({ length: 60_000 }, () => 0x5a)
    for (let n = 0; n < 100; n++) writer.add(frame('a-1', large, n))
    const { frames, missed } = writer.progress
    expect([frames, missed]).toEqual([34, 66])
  })
})
