import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type CaptureEntry, readCapture } from '../../src/capture/index.js'
import { CaptureDesk, type CaptureResult } from '../../src/control/capture-desk.js'
import type { Frame } from '../../src/framing/index.js'
import { CaptureFiles, diskFiles, type FilePort } from '../../src/journal/index.js'
import { ManualClock } from '../support/manual-clock.js'
import { temporaryDirectory } from '../support/temporary-directory.js'

const WISH = { forMs: 60_000, maxBytes: 1 << 20 }

function deskOn(files: Partial<FilePort> = {}) {
  const directory = temporaryDirectory('alec-captures-')
  const clock = new ManualClock({ mono: 7_000_000 })
  const ended: CaptureResult[] = []
  let onEnded = () => {}
  const endedByItself = new Promise<void>((resolve) => {
    onEnded = resolve
  })
  const logged: string[] = []
  const write = (_facts: object, message: string) => void logged.push(message)
  const desk = new CaptureDesk({
    files: new CaptureFiles(directory, { ...diskFiles, ...files }),
    clock,
    log: { debug: write, info: write, warn: write, error: write },
    version: '1.2.3',
    baseTopic: 'alec',
    sources: () => [{ id: 'serial:tcp://me:secret@10.0.0.7:4001' }],
    onEnded: (result) => {
      ended.push(result)
      onEnded()
    },
  })
  const frameOf = (device: string, byte: number): Frame => ({
    device,
    bytes: Uint8Array.of(byte),
    mono: clock.mono(),
    wall: clock.wall(),
    integrity: 'crc16',
    source: 'x',
  })
  /** Resolves once a capture has ended by itself. */
  const settled = () => endedByItself
  return { desk, clock, ended, logged, directory, frameOf, settled }
}

const read = (path: string) => readFileSync(path, 'utf8')

describe('a bridge that is asked for a capture', () => {
  it('writes what comes in, with the times at which it came', async () => {
    const { desk, clock, frameOf, directory } = deskOn()
    desk.see(frameOf('early', 1))
    const started = await desk.start({ ...WISH, name: 'first' })
    expect(started).toEqual({
      ok: true,
      name: 'first',
      file: join(directory, 'captures', 'first.txt'),
      until: clock.wall() + 60_000,
    })
    desk.see(frameOf('shed', 2))
    clock.advance(1500)
    desk.see(frameOf('roof', 3))
    expect(desk.state).toMatchObject({ name: 'first', frames: 2, missed: 0 })
    const result = await desk.stop()
    expect(result).toMatchObject({ name: 'first', end: 'stopped', frames: 2, devices: 2 })
    desk.see(frameOf('late', 4))
    expect(desk.state).toBeUndefined()
    const entries: CaptureEntry[] = []
    const text = read(result?.file ?? '')
    const chunks = (async function* () {
      yield text
    })()
    for await (const entry of readCapture(chunks)) entries.push(entry)
    expect(
      entries.map((entry) => entry.kind === 'frame' && [entry.frame.device, entry.frame.mono]),
    ).toEqual([
      ['shed', 0],
      ['roof', 1500],
    ])
    expect(text).toContain('# source serial:tcp://10.0.0.7:4001\n')
    expect(text).not.toContain('secret')
  })

  it('writes the devices that are wanted, under the time where no name is', async () => {
    const { desk, frameOf, clock } = deskOn()
    const started = await desk.start({ ...WISH, devices: ['roof'] })
    expect(started).toMatchObject({ ok: true, name: '2026-01-01T000000000Z' })
    desk.see(frameOf('shed', 1))
    desk.see(frameOf('roof', 2))
    clock.advance(10)
    expect(await desk.stop()).toMatchObject({ frames: 1, devices: 1 })
  })

  it('has one at a time, and writes over none', async () => {
    const { desk } = deskOn()
    const [first, second] = await Promise.all([
      desk.start({ ...WISH, name: 'a' }),
      desk.start({ ...WISH, name: 'b' }),
    ])
    expect([first.ok, second]).toEqual([true, { ok: false, problem: 'not now' }])
    expect(await desk.start({ ...WISH, name: 'c' })).toEqual({
      ok: false,
      problem: 'the capture a is running: stop it first',
    })
    await desk.stop()
    expect(await desk.start({ ...WISH, name: 'a' })).toEqual({
      ok: false,
      problem: 'there is a capture a already',
    })
  })

  it('ends it by itself after its time, and tells', async () => {
    const { desk, clock, ended, settled, logged } = deskOn()
    await desk.start(WISH)
    clock.advance(59_999)
    expect(desk.state).toBeDefined()
    clock.advance(1)
    await settled()
    expect(ended).toMatchObject([{ end: 'time', frames: 0 }])
    expect(logged).toEqual(['capture started', 'capture ended'])
    // Who asks later is told the same.
    expect(await desk.stop()).toEqual(ended[0])
  })

  it('ends it by itself before it is too large', async () => {
    const { desk, ended, settled, frameOf } = deskOn()
    await desk.start({ ...WISH, maxBytes: 2000, name: 'small' })
    for (let n = 0; n < 100; n++) desk.see(frameOf('shed', n))
    await settled()
    expect(ended).toMatchObject([{ end: 'size', missed: 0 }])
    expect(read(ended[0]?.file ?? '').length).toBeLessThanOrEqual(2000)
  })

  it('ends it where the disk is full, says so, and goes on', async () => {
    const full = async () => {
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
    }
    const { desk, ended, settled, logged, frameOf } = deskOn({
      append: async (path) => ({ ...(await diskFiles.append(path)), write: full }),
    })
    await desk.start(WISH)
    desk.see(frameOf('shed', 1))
    await settled()
    expect(ended).toMatchObject([
      { end: 'disk', problem: 'ENOSPC: no space left on device, write' },
    ])
    expect(logged.at(-1)).toBe('capture ended: the disk does not take it')
  })

  it('keeps nobody waiting for a disk that does not answer', async () => {
    const never = () => new Promise<never>(() => {})
    const { desk, clock } = deskOn({
      append: async () => ({ write: never, sync: never, close: never }),
    })
    await desk.start(WISH)
    const closed = desk.close()
    clock.advance(2000)
    await closed
    const silent = deskOn({ makeDirectory: never })
    const started = silent.desk.start(WISH)
    silent.clock.advance(2000)
    expect(await started).toEqual({ ok: false, problem: 'the disk does not answer' })
  })

  it('leaves no file open that comes too late', async () => {
    let answer = () => {}
    const slow = new Promise<void>((resolve) => {
      answer = resolve
    })
    const closed = new Promise<void>((resolve) => {
      const file = { write: async () => {}, sync: async () => {}, close: async () => resolve() }
      const { desk, clock } = deskOn({
        append: () => slow.then(() => file),
        makeDirectory: async () => {
          // The disk begins to think, and two seconds go by.
          queueMicrotask(() => clock.advance(2000))
        },
        list: async () => [],
        free: async () => 1e12,
        write: async () => {},
        syncDirectory: async () => {},
      })
      void desk.start(WISH).then(answer)
    })
    await closed
  })

  it('leaves the journal its room, and keeps no more than twenty', async () => {
    const small = deskOn({ free: async () => 1.5 * WISH.maxBytes })
    expect(await small.desk.start(WISH)).toMatchObject({
      ok: false,
      problem: expect.stringContaining('no more than half'),
    })
    const { desk, directory } = deskOn()
    for (let n = 0; n < 20; n++) {
      await desk.start({ ...WISH, name: `c-${n}` })
      await desk.stop()
    }
    expect(await desk.start(WISH)).toMatchObject({
      ok: false,
      problem: expect.stringContaining('there are 20 captures in'),
    })
    expect(readdirSync(join(directory, 'captures'))).toHaveLength(20)
  })

  it('begins none once it stops', async () => {
    const { desk } = deskOn()
    await desk.close()
    expect(await desk.start(WISH)).toEqual({ ok: false, problem: 'not now' })
  })
})
