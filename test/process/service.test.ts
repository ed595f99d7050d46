import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { JournalPulse } from '../../src/commands/journal-pulse.js'
import { Service } from '../../src/commands/service.js'
import type { JournalState } from '../../src/journal/index.js'
import { Program } from '../e2e/program.js'
import { brokerOf, configFile, siteConfig } from '../e2e/running-bridge.js'
import { ManualClock } from '../support/manual-clock.js'
import { temporaryDirectory } from '../support/temporary-directory.js'
import { withoutProgram } from '../support/without-program.js'
import { notifySocket } from './notify-socket.js'

const SOCKET = { NOTIFY_SOCKET: '/run/systemd/notify' }

/** A service whose words the test hears. */
function service(env: Record<string, string>, pid = 7) {
  const clock = new ManualClock()
  const words: string[] = []
  const lines: string[] = []
  const world = { alive: true, deaf: false }
  const keep = (_facts: object, message: string) => void lines.push(message)
  const one = new Service({
    env,
    pid,
    clock,
    log: { debug: keep, info: keep, warn: keep, error: keep },
    alive: () => world.alive,
    notify: async (said) => {
      if (world.deaf) throw new Error('systemd-notify: not found')
      words.push(said.join(' '))
    },
  })
  /** Each step as long as a word needs. */
  const pass = async (ms: number, steps: number) => {
    for (let step = 0; step < steps; step++) {
      clock.advance(ms / steps)
      await new Promise(setImmediate)
    }
  }
  return { service: one, clock, words, lines, world, pass }
}

describe('Service', () => {
  it('says nothing where no service manager started it', async () => {
    const { service: one, clock, words, pass } = service({ WATCHDOG_USEC: '60000000' })
    one.ready()
    await pass(600_000, 10)
    one.stopping()
    expect(words).toEqual([])
    expect(clock.pending).toBe(0)
  })

  it('says that it is ready, three times a watchdog period that it is alive, and that it stops', async () => {
    const env = { ...SOCKET, WATCHDOG_USEC: '60000000', WATCHDOG_PID: '7' }
    const { service: one, clock, words, pass } = service(env)
    one.ready()
    await pass(60_000, 60)
    one.stopping()
    one.stop()
    await pass(60_000, 60)
    const alive = 'WATCHDOG=1'
    expect(words).toEqual([
      'READY=1 STATUS=running',
      alive,
      alive,
      alive,
      'STOPPING=1 STATUS=stopping',
    ])
    expect(clock.pending).toBe(0)
  })

  it.each([
    ['there is none', SOCKET],
    ['it watches another process', { ...SOCKET, WATCHDOG_USEC: '60000000', WATCHDOG_PID: '8' }],
    ['its period is no number', { ...SOCKET, WATCHDOG_USEC: 'soon' }],
  ])('feeds no watchdog where %s', async (_what, env) => {
    const { service: one, words, pass } = service(env)
    one.ready()
    await pass(600_000, 60)
    expect(words).toEqual(['READY=1 STATUS=running'])
  })

  it('F-52: lets the watchdog starve while nothing is committed, and says so once', async () => {
    const {
      service: one,
      words,
      lines,
      world,
      pass,
    } = service({
      ...SOCKET,
      WATCHDOG_USEC: '60000000',
    })
    one.ready()
    await pass(20_000, 2)
    world.alive = false
    await pass(60_000, 6)
    expect(words).toHaveLength(2)
    expect(lines).toEqual(['nothing is committed any more: the watchdog is not fed'])
    world.alive = true
    await pass(20_000, 2)
    expect(words).toHaveLength(3)
  })

  it('goes on where the service manager cannot be told, and says so once', async () => {
    const { service: one, lines, world, pass } = service({ ...SOCKET, WATCHDOG_USEC: '3000000' })
    world.deaf = true
    one.ready()
    await pass(30_000, 60)
    expect(lines).toEqual(['the service manager cannot be told how we are'])
  })
})

describe('the pulse of the journal', () => {
  function journal() {
    const counts = { written: 0, unjournaled: 0, commits: 0, failures: 0, lost: 0 }
    const world = { state: { kind: 'working' } as JournalState, flushed: Promise.resolve() }
    const pulse = new JournalPulse({
      get state() {
        return world.state
      },
      counters: () => ({ ...counts }),
      flush: () => world.flushed,
    })
    const hang = () => {
      world.flushed = new Promise(() => {})
    }
    return { counts, world, pulse, hang }
  }
  const settled = () => new Promise(setImmediate)

  it('beats while there is nothing to commit', async () => {
    const { pulse } = journal()
    for (let look = 0; look < 5; look++) {
      expect(pulse.beats()).toBe(true)
      await settled()
    }
  })

  it('beats while something is committed, though more always waits', () => {
    const { pulse, counts, hang } = journal()
    hang()
    for (let look = 0; look < 5; look++) {
      counts.commits++
      expect(pulse.beats()).toBe(true)
    }
  })

  it('stops where what waits is not committed from one look to the next', () => {
    const { pulse, hang } = journal()
    hang()
    expect(pulse.beats()).toBe(true)
    expect(pulse.beats()).toBe(false)
    expect(pulse.beats()).toBe(false)
  })

  it('beats where the journal itself says that its disk fails: a restart would lose what is in memory', () => {
    const { pulse, world, hang } = journal()
    hang()
    pulse.beats()
    world.state = { kind: 'failing', code: 'ETIMEDOUT', reason: 'the disk does not answer' }
    expect(pulse.beats()).toBe(true)
  })
})

/** A bridge as a service manager starts it, with a watchdog that wants to hear of it each 900 ms. */
function runService(env: Record<string, string>): Program {
  const file = configFile(siteConfig({ overMqtt: ['shed'] }))
  return Program.start(['run', '-c', file, '--broker-port', '0', '--for', '1min'], {
    env: { WATCHDOG_USEC: '900000', ...env },
  })
}

describe('alec-bridge run, as a service', () => {
  it('tells systemd-notify that it is ready, alive and stopping', async () => {
    const directory = temporaryDirectory('alec-fake-notify-')
    const heard = join(directory, 'heard')
    const fake = join(directory, 'systemd-notify')
    writeFileSync(heard, '')
    writeFileSync(fake, `#!/bin/sh\necho "$NOTIFY_SOCKET $*" >> '${heard}'\n`)
    chmodSync(fake, 0o755)
    const bridge = runService({
      NOTIFY_SOCKET: '/run/notify',
      PATH: `${directory}${delimiter}${process.env.PATH}`,
    })
    await brokerOf(bridge)
    const lines = () => readFileSync(heard, 'utf8').split('\n').filter(Boolean)
    const end = performance.now() + 10_000
    while (lines().length < 4) {
      if (performance.now() > end) throw new Error(`only heard: ${lines()}`)
      await new Promise(setImmediate)
    }
    bridge.signal('SIGTERM')
    expect(await bridge.ended()).toBe(0)
    const words = lines().map((line) => line.replace('/run/notify ', ''))
    expect(words[0]).toBe('READY=1 STATUS=running')
    expect(words.filter((word) => word === 'WATCHDOG=1').length).toBeGreaterThanOrEqual(3)
    expect(words.at(-1)).toBe('STOPPING=1 STATUS=stopping')
    expect(bridge.stdout.documents.filter(({ level }) => Number(level) >= 40)).toEqual([])
  })

  it('runs well where systemd-notify is missing, and says so', async () => {
    const bridge = runService({ NOTIFY_SOCKET: '/run/notify', PATH: '/nowhere' })
    await bridge.stdout.until('a warning', ({ documents }) =>
      documents.find(({ msg }) => msg === 'the service manager cannot be told how we are'),
    )
    bridge.signal('SIGTERM')
    expect(await bridge.ended()).toBe(0)
  })

  it.skipIf(withoutProgram('systemd-notify', 'systemd') || withoutProgram('perl', 'perl'))(
    'is heard on a real notify socket',
    async () => {
      const { path, heard } = await notifySocket()
      const bridge = runService({ NOTIFY_SOCKET: path })
      await heard.until('three signs of life', ({ text }) => text.split('WATCHDOG=1').length > 3)
      bridge.signal('SIGTERM')
      expect(await bridge.ended()).toBe(0)
      await heard.until('the end', ({ text }) => text.includes('STOPPING=1'))
      expect(heard.text.indexOf('READY=1')).toBeGreaterThanOrEqual(0)
      expect(heard.text.indexOf('READY=1')).toBeLessThan(heard.text.indexOf('WATCHDOG=1'))
    },
  )
})
