import { describe, expect, it } from 'vitest'
import { mulberry, testSeed } from '../support/mulberry.js'
import { failure, SimDisk, STATE } from '../support/sim-disk.js'

const SECTOR = 512
const path = `${STATE}/a`
const filled = (length: number, value: number) => new Uint8Array(length).fill(value)

/** A disk whose file `a` durably holds one sector of ones. */
async function diskWithFile(): Promise<SimDisk> {
  const disk = new SimDisk()
  await disk.write(path, filled(SECTOR, 1))
  await disk.syncDirectory(STATE)
  return disk
}

const afterLosses = (disk: SimDisk, count = 300) => {
  const random = mulberry(testSeed)
  return Array.from({ length: count }, () => {
    const left = new Map(disk.afterPowerLoss(random).files)
    return left.get('a') ?? new Uint8Array()
  })
}

describe('after a power loss', () => {
  it('what was synced is there, byte for byte', async () => {
    const disk = await diskWithFile()
    const file = await disk.append(path)
    await file.write(filled(700, 2))
    await file.sync()
    for (const left of afterLosses(disk)) {
      expect(Buffer.compare(left, Buffer.concat([filled(SECTOR, 1), filled(700, 2)]))).toBe(0)
    }
  })

  it('what was not synced is there, gone, cut, torn at sectors or out of order', async () => {
    const disk = await diskWithFile()
    const file = await disk.append(path)
    for (const value of [2, 3]) await file.write(filled(2 * SECTOR, value))
    const seen = new Set<string>()
    for (const left of afterLosses(disk)) {
      expect([...left.subarray(0, SECTOR)]).toEqual([...filled(SECTOR, 1)])
      const sectors = [1, 2, 3, 4].map((n) => left[n * SECTOR])
      const expected = [2, 2, 3, 3]
      seen.add(
        sectors
          .map((value, n) => (value === undefined ? '.' : value === expected[n] ? 'x' : '-'))
          .join(''),
      )
    }
    for (const outcome of ['xxxx', '....', '--xx', 'x-x-', 'xx..']) expect(seen).toContain(outcome)
  })

  it('a name that was not synced is there or not, each on its own', async () => {
    const disk = new SimDisk()
    for (const name of ['a', 'b']) await disk.write(`${STATE}/${name}`, filled(1, 1))
    const random = mulberry(testSeed)
    const seen = new Set<string>()
    for (let i = 0; i < 100; i++) seen.add(disk.afterPowerLoss(random).names.join())
    expect([...seen].sort()).toEqual(['', 'a', 'a,b', 'b'])
  })

  it('what a failed sync has given up is not safe after a later one that succeeds', async () => {
    const disk = await diskWithFile()
    const file = await disk.append(path)
    await file.write(filled(SECTOR, 2))
    disk.fault = (step) => (step === 'sync' ? 'EIO' : undefined)
    await expect(file.sync()).rejects.toMatchObject({ code: 'EIO' })
    disk.fault = undefined
    await file.sync()
    expect(afterLosses(disk).some((left) => left[SECTOR] !== 2)).toBe(true)
  })

  it('is the same again for the same seed', async () => {
    const disk = await diskWithFile()
    await (await disk.append(path)).write(filled(5000, 2))
    const [one, other] = [afterLosses(disk), afterLosses(disk)].map((all) => Buffer.concat(all))
    expect(other?.equals(one ?? Buffer.of())).toBe(true)
  })
})

describe('a process', () => {
  it('that is killed leaves what it wrote, no more durable than it was', async () => {
    const disk = await diskWithFile()
    await (await disk.append(path)).write(filled(SECTOR, 2))
    const left = disk.kill()
    expect(disk.crashed).toBe(true)
    expect((await left.read(path)).length).toBe(2 * SECTOR)
    expect(new Set(afterLosses(left).map(({ length }) => length)).has(SECTOR)).toBe(true)
  })

  it('gets no answer any more after a crash, and changes nothing', async () => {
    const disk = await diskWithFile()
    const left = disk.crash(mulberry(testSeed))
    let answered = false
    const unlink = disk.unlink(path).finally(() => {
      answered = true
    })
    for (let turn = 0; turn < 20; turn++) await Promise.resolve()
    expect(answered).toBe(false)
    expect([disk.names, left.names]).toEqual([['a'], ['a']])
    void unlink
  })
})

it('a full disk takes what it has room for, and says so', async () => {
  const disk = await diskWithFile()
  disk.capacity = SECTOR + 10
  const file = await disk.append(path)
  await expect(file.write(filled(100, 2))).rejects.toMatchObject({ code: 'ENOSPC' })
  expect((await disk.read(path)).length).toBe(disk.capacity)
  disk.capacity = 2 * SECTOR
  await file.write(filled(5, 2))
  expect((await disk.read(path)).length).toBe(SECTOR + 15)
})

it('a stalled disk does what it was asked for once it goes on', async () => {
  const disk = await diskWithFile()
  const release = disk.stall()
  const order: string[] = []
  const list = disk.list(STATE).then(() => order.push('listed'))
  for (let turn = 0; turn < 20; turn++) await Promise.resolve()
  order.push('released')
  release()
  await list
  expect(order).toEqual(['released', 'listed'])
})

it('any step can be made to fail, with the file that it is about', async () => {
  const disk = await diskWithFile()
  const seen: string[] = []
  disk.fault = (step, about) => {
    seen.push(`${step} ${about}`)
    return step === 'rename' ? 'EROFS' : undefined
  }
  await disk.size(path)
  await expect(disk.rename(path, `${STATE}/b`)).rejects.toEqual(failure('EROFS'))
  expect(seen).toEqual([`size ${path}`, `rename ${path}`])
})
