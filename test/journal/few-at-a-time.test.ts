import { expect, it } from 'vitest'
import { fewAtATime } from '../../src/journal/few-at-a-time.js'
import type { AppendFile, FilePort } from '../../src/journal/index.js'
import { SimDisk, STATE } from '../support/sim-disk.js'

const path = `${STATE}/a`

/** A disk that answers one call at a time, when it is told to. */
function slowDisk() {
  const disk = new SimDisk([['a', Uint8Array.of(1)]])
  const asked: string[] = []
  const answers: (() => void)[] = []
  const slowly = async <T>(name: string, answer: () => Promise<T>): Promise<T> => {
    asked.push(name)
    await new Promise<void>((resolve) => answers.push(resolve))
    return answer()
  }
  const slow = Object.assign(Object.create(disk) as SimDisk, {
    read: (about: string) => slowly('read', () => disk.read(about)),
    size: (about: string) => slowly('size', () => disk.size(about)),
    list: (about: string) => slowly('list', () => disk.list(about)),
  })
  return { files: fewAtATime(slow), asked, answer: () => answers.shift()?.() }
}

const settled = () => new Promise<void>((resolve) => setImmediate(resolve))

it('F-42: asks a disk for two things at a time, and for the next one in its turn', async () => {
  const { files, asked, answer } = slowDisk()
  const done: string[] = []
  for (const name of ['size', 'read', 'list', 'read'] as const)
    void files[name](name === 'list' ? STATE : path).then(() => done.push(name))
  await settled()
  expect(asked).toEqual(['size', 'read'])
  answer()
  await settled()
  expect([asked, done]).toEqual([['size', 'read', 'list'], ['size']])
  for (let n = 0; n < 3; n++) {
    answer()
    await settled()
  }
  expect(done).toEqual(['size', 'read', 'list', 'read'])
})

it('gives the turn on where the disk fails', async () => {
  const disk = new SimDisk()
  const files = fewAtATime(disk, 1)
  const first = files.read(path)
  const second = files.list(STATE)
  await expect(first).rejects.toMatchObject({ code: 'ENOENT' })
  expect(await second).toEqual([])
})

it('leaves every call what it is, also those on a file that is open', async () => {
  const disk = new SimDisk()
  const files = fewAtATime(disk, 1)
  await files.makeDirectory(`${STATE}/dead`)
  await files.write(path, Uint8Array.of(1, 2, 3))
  const file = await files.append(path)
  await file.write(Uint8Array.of(4))
  await file.sync()
  await file.close()
  await files.truncate(path, 2)
  await files.rename(path, `${STATE}/b`)
  await files.syncDirectory(STATE)
  expect([...(await files.read(`${STATE}/b`))]).toEqual([1, 2])
  expect(await files.size(`${STATE}/b`)).toBe(2)
  await files.unlink(`${STATE}/b`)
  expect(await files.list(STATE)).toEqual([])
  disk.capacity = 10
  expect(await files.free(STATE)).toBe(10)
})

it('holds back every call while others hang', async () => {
  const asked: string[] = []
  const hanging = (name: string) => () => {
    asked.push(name)
    return new Promise<never>(() => {})
  }
  const disk = {
    append: async () => ({
      write: hanging('fill'),
      sync: hanging('sync'),
      close: hanging('close'),
    }),
    truncate: hanging('truncate'),
    list: hanging('list'),
    read: hanging('read'),
    size: hanging('size'),
    free: hanging('free'),
    write: hanging('write'),
    rename: hanging('rename'),
    unlink: hanging('unlink'),
    syncDirectory: hanging('syncDirectory'),
    makeDirectory: hanging('makeDirectory'),
  }
  const bytes = Uint8Array.of(1)
  const calls: readonly ((files: FilePort, file: AppendFile) => Promise<unknown>)[] = [
    (_, file) => file.write(bytes),
    (_, file) => file.sync(),
    (_, file) => file.close(),
    (files) => files.truncate(path, 0),
    (files) => files.list(STATE),
    (files) => files.read(path),
    (files) => files.size(path),
    (files) => files.free(STATE),
    (files) => files.write(path, bytes),
    (files) => files.rename(path, path),
    (files) => files.unlink(path),
    (files) => files.syncDirectory(STATE),
    (files) => files.makeDirectory(STATE),
  ]
  for (const call of calls) {
    const files = fewAtATime(disk, 1)
    const file = await files.append(path)
    asked.length = 0
    void call(files, file)
    void files.append(path).then(() => asked.push('opened'))
    await settled()
    expect(asked).toHaveLength(1)
    expect(asked).not.toContain('opened')
  }
})
