import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Clock, systemClock } from '../../src/clock.js'
import { StateDirectoryLock, StateError } from '../../src/journal/index.js'
import { ManualClock } from '../support/manual-clock.js'
import { StateProcesses } from './state-processes.js'

const IN_USE = 'ERR_STATE_IN_USE'

let processes: StateProcesses
let directory = ''
let tests = 0
const locks: StateDirectoryLock[] = []

beforeAll(() => {
  processes = new StateProcesses()
})
beforeEach(() => {
  directory = join(processes.directory, `test-${++tests}`)
  mkdirSync(directory)
})
afterEach(async () => {
  await Promise.all(locks.splice(0).map((lock) => lock.release()))
})
afterAll(() => processes.stop())

const lockOf = (path = directory, clock: Clock = systemClock) => {
  const lock = new StateDirectoryLock({ directory: path, clock })
  locks.push(lock)
  return lock
}
const names = () => readdirSync(directory)
/** Lets the system work until it is so. */
const until = async (so: () => boolean) => {
  const end = performance.now() + 10_000
  while (!so()) {
    if (performance.now() > end) throw new Error(`never: ${so}`)
    await new Promise(setImmediate)
  }
}
const refusalOf = (acquiring: Promise<void>): Promise<unknown> =>
  acquiring.then(
    () => 'held',
    (error: unknown) => error,
  )

describe('within one process', () => {
  it('keeps a second one out until the first gives the directory back', async () => {
    const first = lockOf()
    const second = lockOf()
    await first.acquire()
    const refusal = await refusalOf(second.acquire())
    expect(refusal).toBeInstanceOf(StateError)
    expect(refusal).toMatchObject({ code: IN_USE, pid: process.pid })
    expect(String(refusal)).toContain(`${directory} is in use by process ${process.pid}`)
    await first.release()
    await second.acquire()
  })

  it('may be taken and given back twice', async () => {
    const lock = lockOf()
    await lock.acquire()
    await lock.acquire()
    expect(names()).toHaveLength(1)
    await lock.release()
    await lock.release()
    expect(names()).toEqual([])
    await lock.acquire()
  })

  it('lets every user who may enter the directory ask whether it is alive', async () => {
    await lockOf().acquire()
    for (const name of names()) expect(statSync(join(directory, name)).mode & 0o777).toBe(0o777)
  })

  it('leaves no mark of those that it refused', async () => {
    await lockOf().acquire()
    for (let i = 0; i < 3; i++) await refusalOf(lockOf().acquire())
    expect(names()).toHaveLength(1)
  })

  it('lets exactly one of many in that begin at once', async () => {
    for (let round = 0; round < 10; round++) {
      const folder = join(directory, String(round))
      mkdirSync(folder)
      const contenders = Array.from({ length: 12 }, () => lockOf(folder))
      const ends = await Promise.all(contenders.map((lock) => refusalOf(lock.acquire())))
      expect(ends.filter((end) => end === 'held')).toHaveLength(1)
    }
  })

  it('does not mind other files, of whatever name', async () => {
    writeFileSync(join(directory, 's-1'), '')
    writeFileSync(join(directory, 'lock-1-x'), '')
    await lockOf().acquire()
    expect(names()).toHaveLength(3)
  })

  it('reaches a directory whose path is longer than the address of a socket', async () => {
    const deep = join(directory, 'd'.repeat(90), 'e'.repeat(90))
    mkdirSync(deep, { recursive: true })
    const first = lockOf(deep)
    await first.acquire()
    expect(readdirSync(deep)).toHaveLength(1)
    expect(await refusalOf(lockOf(deep).acquire())).toMatchObject({ code: IN_USE })
    await first.release()
    expect(readdirSync(deep)).toEqual([])
  })

  it('says that it cannot lock where there is no directory', async () => {
    const refusal = await refusalOf(lockOf(join(directory, 'nowhere')).acquire())
    expect(refusal).toMatchObject({ code: 'ERR_STATE_LOCK' })
    expect((refusal as StateError).cause).toHaveProperty('code')
  })

  it('puts its mark up again where somebody has removed it while it looked', async () => {
    const clock = new ManualClock()
    const lock = lockOf(directory, clock)
    // What has died makes it look twice.
    writeFileSync(join(directory, `lock-1-${'0'.repeat(16)}`), '')
    const acquiring = lock.acquire()
    await until(() => clock.pending === 1 && names().length === 1)
    for (const name of names()) rmSync(join(directory, name))
    clock.advance(20)
    await acquiring
    expect(names()).toHaveLength(1)
    expect(await refusalOf(lockOf().acquire())).toMatchObject({ code: IN_USE })
  })
})

describe('a mark that is found', () => {
  const OTHER = 4711
  const servers: Server[] = []
  afterEach(() => {
    for (const server of servers.splice(0)) server.close()
  })
  /** Somebody else's mark; its name is before or after all others. */
  const markOf = (first: boolean, speak: (socket: Socket) => void) =>
    new Promise<void>((resolve) => {
      const server = createServer(speak)
      servers.push(server)
      const name = `lock-${first ? 0 : 9_999_999}${OTHER}-${'0'.repeat(16)}`
      server.listen(join(directory, name), resolve)
    })
  const inUse = { code: IN_USE, pid: OTHER }

  it('refuses, where its process holds the directory', async () => {
    await markOf(true, (socket) => socket.end('holding'))
    expect(await refusalOf(lockOf().acquire())).toMatchObject(inUse)
  })

  it('refuses, where it is still looking and comes first', async () => {
    await markOf(true, (socket) => socket.end('claiming'))
    expect(await refusalOf(lockOf().acquire())).toMatchObject(inUse)
  })

  /** Does not wait between one look and the next. */
  const hurried: Clock = {
    ...systemClock,
    setTimer: (ms, fire) => systemClock.setTimer(ms < 1000 ? 0 : ms, fire),
  }

  it('is waited for, where it is still looking and comes after', async () => {
    let asked = 0
    await markOf(false, (socket) => {
      asked++
      socket.end('claiming')
    })
    const acquired = refusalOf(lockOf(directory, hurried).acquire())
    let end: unknown
    void acquired.then((how) => {
      end = how
    })
    await until(() => asked >= 5 || end !== undefined)
    expect(end).toBeUndefined()
    for (const server of servers.splice(0)) server.close()
    expect(await acquired).toBe('held')
  })

  it('refuses, where it goes on looking for ever', async () => {
    await markOf(false, (socket) => socket.end('claiming'))
    expect(await refusalOf(lockOf(directory, hurried).acquire())).toHaveProperty('code', IN_USE)
    expect(names()).toHaveLength(1)
  })

  it('refuses, where it is alive but says nothing for a second', async () => {
    const clock = new ManualClock()
    const lock = lockOf(directory, clock)
    let asked = false
    await markOf(true, () => {
      asked = true
    })
    const refusal = refusalOf(lock.acquire())
    await until(() => asked)
    clock.advance(1000)
    expect(await refusal).toMatchObject(inUse)
  })
})

describe('between processes', () => {
  it('keeps the second out, naming the first', async () => {
    const first = await processes.startLocking(directory)
    expect(first.said).toBe('held')
    const second = await processes.startLocking(directory)
    expect(second.said).toMatchObject({
      code: IN_USE,
      pid: first.child.pid,
      message: expect.stringContaining(`in use by process ${first.child.pid}`),
    })
    await processes.end(second.child, 'SIGTERM')
    await processes.end(first.child, 'release')
    expect(names()).toEqual([])
    await lockOf().acquire()
  })

  it.each(['SIGKILL', 'SIGTERM'] as const)(
    'takes over from one that %s has ended',
    async (signal) => {
      const first = await processes.startLocking(directory)
      await processes.end(first.child, signal)
      expect(names()).toHaveLength(1)
      const second = await processes.startLocking(directory)
      expect(second.said).toBe('held')
      expect(names()).toHaveLength(1)
    },
  )

  it('keeps others out while the process is stopped', async () => {
    const first = await processes.startLocking(directory)
    first.child.kill('SIGSTOP')
    expect(await refusalOf(lockOf().acquire())).toMatchObject({ pid: first.child.pid })
    first.child.kill('SIGCONT')
  })

  it('lets exactly one of several take over what a dead one has left', async () => {
    for (let round = 0; round < 2; round++) {
      const dead = await processes.startLocking(directory)
      await processes.end(dead.child, 'SIGKILL')
      const started = await Promise.all(
        Array.from({ length: 5 }, () => processes.startLocking(directory)),
      )
      const said = started.map((one) => one.said)
      expect(said.filter((word) => word === 'held')).toHaveLength(1)
      const holder = started.find((one) => one.said === 'held')?.child
      for (const word of said) {
        if (word !== 'held') expect(word).toMatchObject({ code: IN_USE })
      }
      if (holder) await processes.end(holder, 'SIGKILL')
    }
  })
})
