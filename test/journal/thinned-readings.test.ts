import { describe, expect, it } from 'vitest'
import { ThinnedReadings } from '../../src/journal/index.js'
import { mulberry, testSeed } from '../support/mulberry.js'
import { SimDisk, STATE } from '../support/sim-disk.js'

interface Line {
  readonly ordinal: number
  readonly text: string
}

const linesOf = (from: number, to: number): Line[] =>
  Array.from({ length: to - from + 1 }, (_, i) => ({ ordinal: from + i, text: `Ünï ${from + i}` }))
const ordinalsOf = (lines: readonly Line[]) => lines.map(({ ordinal }) => ordinal)

async function storeOn(files: SimDisk, maxBytes = 100_000) {
  const store = new ThinnedReadings<Line>({ directory: STATE, files, maxBytes })
  await store.open()
  return store
}

async function all(store: ThinnedReadings<Line>): Promise<Line[]> {
  const lines: Line[] = []
  let file = await store.oldest()
  while (file) {
    lines.push(...file.lines)
    file = await store.oldest(file.ordinal)
  }
  return lines
}

describe('thinned readings', () => {
  it('come back in another run, in order, until they are removed', async () => {
    const disk = new SimDisk()
    const store = await storeOn(disk)
    expect(store.isEmpty).toBe(true)
    for (const [from, to] of [
      [3, 8],
      [20, 21],
      [100, 100],
    ] as const) {
      expect(await store.append(linesOf(from, to))).toEqual({ ok: true, evicted: [] })
    }
    const next = await storeOn(disk.crash(() => 0.1))
    expect(next.isEmpty).toBe(false)
    expect(next.bytes).toBe(disk.used)
    expect(await all(next)).toEqual([...linesOf(3, 8), ...linesOf(20, 21), ...linesOf(100, 100)])
    await next.remove(21)
    await next.remove(100)
    expect(await all(next)).toEqual(linesOf(3, 8))
    await next.remove(8)
    expect(next.isEmpty).toBe(true)
  })

  it('F-41: keep within their limit: the oldest go, and are named', async () => {
    const disk = new SimDisk()
    const store = await storeOn(disk, 400)
    const evicted: number[] = []
    for (let from = 1; from < 200; from += 3) {
      const outcome = await store.append(linesOf(from, from + 2))
      if (!outcome.ok) throw new Error(outcome.message)
      evicted.push(...ordinalsOf(outcome.evicted))
      // Until they are named they would come back.
      const again = ordinalsOf(await all(await storeOn(disk)))
      expect(again.slice(0, outcome.evicted.length)).toEqual(ordinalsOf(outcome.evicted))
      await store.removeEvicted()
      expect(disk.used).toBeLessThanOrEqual(400)
      expect(store.bytes).toBe(disk.used)
    }
    const kept = ordinalsOf(await all(store))
    expect([...evicted, ...kept]).toEqual(ordinalsOf(linesOf(1, 201)))
    expect(kept.length).toBeGreaterThanOrEqual(6)
    expect(await store.append(linesOf(300, 400))).toMatchObject({ ok: false, code: 'EFBIG' })
    expect(ordinalsOf(await all(store))).toEqual(kept)
  })

  it('are cut behind an entry, also in the middle of what was kept together', async () => {
    const disk = new SimDisk()
    const store = await storeOn(disk)
    for (const [from, to] of [
      [1, 5],
      [6, 10],
      [11, 15],
    ] as const)
      await store.append(linesOf(from, to))
    await store.cut(7)
    expect(ordinalsOf(await all(store))).toEqual(ordinalsOf(linesOf(1, 7)))
    expect(ordinalsOf(await all(await storeOn(disk.afterKill())))).toEqual(
      ordinalsOf(linesOf(1, 7)),
    )
    await store.cut(0)
    expect(store.isEmpty).toBe(true)
  })

  it('F-42: are not kept where the disk fails in any call, and those from before stay', async () => {
    for (let step = 1; step <= 7; step++) {
      const disk = new SimDisk()
      const store = await storeOn(disk)
      await store.append(linesOf(1, 3))
      disk.trouble = { step: disk.step + step, code: 'ENOSPC' }
      const outcome = await store.append(linesOf(4, 6))
      // Making way for what is not there is the one call that may fail unseen.
      expect(outcome.ok, `call ${step}`).toBe(step === 1)
      const next = await storeOn(disk.kill())
      expect(ordinalsOf(await all(next)).slice(0, 3), `call ${step}`).toEqual([1, 2, 3])
      expect(
        disk.names.every((name) => name.endsWith('.jsonl')),
        `call ${step}`,
      ).toBe(true)
    }
  })

  it('F-44: are all there after a loss of power at any step, once they were acknowledged', async () => {
    const random = mulberry(testSeed)
    const disk = new SimDisk()
    const store = await storeOn(disk)
    const left: { readonly disk: SimDisk; readonly acknowledged: number }[] = []
    let acknowledged = 0
    disk.onStep = () => {
      for (let i = 0; i < 10; i++) left.push({ disk: disk.afterPowerLoss(random), acknowledged })
    }
    for (let from = 1; from < 60; from += 20) {
      await store.append(linesOf(from, from + 19))
      acknowledged = from + 19
    }
    expect(left.length).toBeGreaterThan(200)
    for (const point of left) {
      const found = ordinalsOf(await all(await storeOn(point.disk)))
      expect(found.length, `seed ${testSeed}`).toBeGreaterThanOrEqual(point.acknowledged)
      expect(found).toEqual(ordinalsOf(linesOf(1, found.length)))
      expect(found.length % 20).toBe(0)
    }
  })

  it('F-45: lose no more than the line that a flipped byte is in', async () => {
    const disk = new SimDisk()
    await (await storeOn(disk)).append(linesOf(1, 4))
    const [[name, data] = ['', new Uint8Array()]] = disk.files
    for (let at = 0; at < data.length; at++) {
      const bytes = data.map((byte, i) => (i === at ? byte ^ 0x21 : byte))
      const lines = await all(await storeOn(new SimDisk([[name, bytes]])))
      const expected = linesOf(1, 4)
      expect(lines.every((line) => expected.some((one) => one.text === line.text))).toBe(true)
      // A line feed that is gone makes one line of two.
      expect(lines.length, `byte ${at}`).toBeGreaterThanOrEqual(data[at] === 10 ? 2 : 3)
    }
  })
})
