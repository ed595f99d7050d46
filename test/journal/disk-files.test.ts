import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/clock.js'
import { createStateDirectory, diskFiles, SnapshotStore } from '../../src/journal/index.js'
import { stateOf, wholeState } from './states.js'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'alec-state-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8)
const storeIn = (directory: string) =>
  new SnapshotStore({ directory, files: diskFiles, clock: systemClock })

describe('the disk', () => {
  it('makes a directory for its owner alone, with its parents, once', async () => {
    const directory = join(root, 'a', 'b')
    await createStateDirectory(diskFiles, directory)
    await createStateDirectory(diskFiles, directory)
    expect([modeOf(join(root, 'a')), modeOf(directory)]).toEqual(['700', '700'])
  })

  it('makes no directory where a file is', async () => {
    writeFileSync(join(root, 'a'), '')
    const made = createStateDirectory(diskFiles, join(root, 'a', 'b'))
    await expect(made).rejects.toMatchObject({
      code: 'ERR_STATE_DIRECTORY',
      cause: { code: 'ENOTDIR' },
    })
  })

  it('writes a file for its owner alone, and only where there is none', async () => {
    const path = join(root, 'a')
    await diskFiles.write(path, Buffer.from('one'))
    expect(modeOf(path)).toBe('600')
    await expect(diskFiles.write(path, Buffer.from('two'))).rejects.toMatchObject({
      code: 'EEXIST',
    })
    expect(Buffer.from(await diskFiles.read(path)).toString()).toBe('one')
  })

  it('appends to a file that is there, and cuts it', async () => {
    const path = join(root, 'a')
    await expect(diskFiles.append(path)).rejects.toMatchObject({ code: 'ENOENT' })
    await diskFiles.write(path, Buffer.from('one'))
    const file = await diskFiles.append(path)
    for (const text of [' two', ' three']) await file.write(Buffer.from(text))
    await file.sync()
    await file.close()
    expect(await diskFiles.size(path)).toBe(13)
    await diskFiles.truncate(path, 7)
    expect(Buffer.from(await diskFiles.read(path)).toString()).toBe('one two')
  })

  it('says what room there is', async () => {
    expect(await diskFiles.free(root)).toBeGreaterThan(0)
  })

  it('carries the code of every failure', async () => {
    const nowhere = join(root, 'nowhere')
    const failures = [
      () => diskFiles.list(nowhere),
      () => diskFiles.read(nowhere),
      () => diskFiles.size(nowhere),
      () => diskFiles.free(nowhere),
      () => diskFiles.append(nowhere),
      () => diskFiles.truncate(nowhere, 0),
      () => diskFiles.write(join(nowhere, 'a'), Buffer.of(1)),
      () => diskFiles.rename(nowhere, join(root, 'b')),
      () => diskFiles.unlink(nowhere),
      () => diskFiles.syncDirectory(nowhere),
    ]
    for (const fail of failures) await expect(fail()).rejects.toMatchObject({ code: 'ENOENT' })
  })
})

describe('snapshots on the disk', () => {
  it('come back in another process’s store, two generations of them', async () => {
    const store = storeIn(root)
    await store.load()
    for (const ordinal of [1, 2, 3]) {
      expect(await store.save(stateOf(ordinal))).toMatchObject({ ok: true, ordinal })
    }
    expect(readdirSync(root).sort()).toEqual(['s-2', 's-3'])
    expect(wholeState(await storeIn(root).load())).toEqual({ snapshot: stateOf(3), damaged: [] })
  })

  it('survive damage: the file is set aside, the older one is used', async () => {
    const store = storeIn(root)
    await store.load()
    for (const ordinal of [1, 2]) await store.save(stateOf(ordinal))
    writeFileSync(join(root, 's-2'), 'x')
    writeFileSync(join(root, 's-3.tmp'), 'x')
    const { snapshot, damaged } = wholeState(await storeIn(root).load())
    expect(snapshot).toEqual(stateOf(1))
    expect(damaged).toMatchObject([{ name: 's-2', keptAs: 's-2.corrupt-1' }])
    expect(readdirSync(root).sort()).toEqual(['s-1', 's-2.corrupt-1'])
  })

  it('are not where there is no directory: loading is empty, saving says so', async () => {
    const store = storeIn(join(root, 'nowhere'))
    expect(await store.load()).toEqual({ damaged: [] })
    expect(await store.save(stateOf(1))).toMatchObject({ ok: false, code: 'ENOENT' })
  })

  it('are set aside where a directory has their name', async () => {
    await diskFiles.makeDirectory(join(root, 's-4'))
    const { snapshot, damaged } = wholeState(await storeIn(root).load())
    expect(snapshot).toBeUndefined()
    expect(damaged).toMatchObject([{ damage: 'unreadable', keptAs: 's-4.corrupt-1' }])
  })
})
