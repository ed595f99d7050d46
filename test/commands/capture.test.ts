import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { type CaptureOptions, capture } from '../../src/commands/capture.js'
import { visitorDoor } from '../../src/commands/visitor-door.js'
import { MemorySource } from '../../src/transport/index.js'
import { fixedTerminal, siteConfig } from '../e2e/running-bridge.js'
import { onLine } from '../e2e/sensor-node.js'
import { ManualClock } from '../support/manual-clock.js'
import { Mosquitto, withoutMosquitto } from '../support/mosquitto.js'
import { recordedIo } from '../support/recorded-io.js'
import { temporaryDirectory } from '../support/temporary-directory.js'
import { Observer } from '../transport/observer.js'

/** A capture that is under way, in a directory of its own. */
function started(document: object, options: CaptureOptions = {}, path = 'frames.txt') {
  const cwd = temporaryDirectory('alec-capture-')
  writeFileSync(join(cwd, 'alec-bridge.yaml'), stringify(document))
  writeFileSync(join(cwd, 'broker.password'), `${CANARY.password}\n`)
  chmodSync(join(cwd, 'broker.password'), 0o600)
  const io = recordedIo(cwd)
  const stop = new AbortController()
  const heard = new Set<() => void>()
  const watched = (say: (text: string) => void) => (text: string) => {
    say(text)
    for (const look of heard) look()
  }
  const outside = {
    ...io,
    signal: stop.signal,
    stdout: watched((text) => io.stdout(text)),
    stderr: watched((text) => io.stderr(text)),
  }
  const done = capture(path, options, outside)
  const file = join(cwd, path)
  const text = () => (existsSync(file) ? readFileSync(file, 'utf8') : io.out)
  const lines = () => text().match(/^2.*$/gm) ?? []
  return {
    io,
    file,
    text,
    lines,
    /** Resolves once so many frames are written. */
    wrote: async (frames: number) => {
      while (lines().length < frames) await new Promise(setImmediate)
    },
    /** Resolves once it has said that many times that it listens. */
    listening: (times = 1) =>
      new Promise<void>((resolve) => {
        const look = () => {
          if (io.err.split('listening at ').length > times) resolve()
        }
        heard.add(look)
        look()
      }),
    /** Ends it; its exit code. */
    end: () => {
      stop.abort()
      return done
    },
    done,
  }
}

const CANARY = { user: 'canary-Rk3Wd8', password: 'canary-Jx5Tn2Pq9' }
const SITE = {
  overMqtt: ['shed', 'roof'],
  sections: {
    sources: [
      { mqtt: { topic: 'alec/{device}/frame' } },
      {
        mqtt: {
          topic: 'plant/{device}/up',
          payload: { json: 'uplink.data', encoding: 'base64' },
          devices: { '70b3d57e': 'field' },
        },
      },
    ],
    devices: {
      shed: { model: 'climate' },
      roof: { model: 'climate' },
      field: { model: 'climate' },
    },
  },
}

describe.skipIf(withoutMosquitto())('capture from the broker', () => {
  let broker: Mosquitto
  let sender: Observer
  beforeAll(async () => {
    broker = await Mosquitto.start()
    sender = await Observer.connect(broker.url, { reconnectPeriod: 20 })
  })
  afterAll(async () => {
    await sender.close()
    await broker.stop()
  })
  const site = () => siteConfig({ brokerUrl: broker.url, ...SITE })

  it('writes frames of every MQTT source under the ids of their devices, and counts what is none', async () => {
    await sender.publish('alec/roof/frame', Uint8Array.of(9), { retain: true })
    const { listening, lines, wrote, end, io } = started(site())
    await listening()
    await sender.publish('alec/shed/frame', Uint8Array.of(0xa1, 0, 0))
    await sender.publish('plant/70b3d57e/up', JSON.stringify({ uplink: { data: 'oQAB' } }))
    await sender.publish('plant/70b3d57e/up', '{"uplink":{}}')
    await sender.publish('alec/no id/frame', Uint8Array.of(1))
    await sender.publish('alec/roof/frame', Uint8Array.of(0xa1, 0, 2))
    await wrote(3)
    expect(await end()).toBe(0)
    const time = '20\\d\\d-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z \\d\\.\\d{3}'
    expect(lines()).toEqual([
      expect.stringMatching(`^${time} shed mqtt 3 a10000$`),
      expect.stringMatching(`^${time} field mqtt 3 a10001$`),
      expect.stringMatching(`^${time} roof mqtt 3 a10002$`),
    ])
    expect(io.err).toContain('not captured: 1 × retained: nobody knows how old it is\n')
    expect(io.err).toContain('not captured: 1 × no frame: no-field\n')
    expect(io.err).toContain('not captured: 1 × not of a device: no device id, and not mapped\n')
    expect(io.err).toContain('frames.txt: 3 frames of 3 devices, ')
    await sender.publish('alec/roof/frame', '', { retain: true })
  })

  it('takes the devices that are wanted, and tells the end as JSON', async () => {
    const { listening, lines, wrote, end, io } = started(site(), { device: ['roof'], json: true })
    await listening()
    await sender.publish('alec/shed/frame', Uint8Array.of(1))
    await sender.publish('alec/roof/frame', Uint8Array.of(2))
    await wrote(1)
    expect(await end()).toBe(0)
    expect(lines()).toEqual([expect.stringContaining(' roof mqtt 1 02')])
    expect(JSON.parse(io.out)).toMatchObject({
      ok: true,
      file: 'frames.txt',
      end: 'stopped',
      frames: 1,
      devices: 1,
      missed: 0,
      refused: {},
    })
  })

  it('waits for a broker that was there and goes away, and says so in the file', async () => {
    const { listening, lines, text, wrote, end } = started(site())
    await listening()
    await sender.publish('alec/shed/frame', Uint8Array.of(1))
    await wrote(1)
    await broker.restart()
    await listening(2)
    await sender.publish('alec/shed/frame', Uint8Array.of(2))
    await wrote(2)
    expect(await end()).toBe(0)
    expect(lines().map((line) => line.slice(-2))).toEqual(['01', '02'])
    expect(text()).toMatch(/^# 20\S+Z .*: nothing is heard until it is back$/m)
  })

  it('ends by itself after a time, or before the file is too large', async () => {
    const timed = started(site(), { for: 50 })
    const full = started(site(), { maxSize: 4096 })
    await full.listening()
    for (let n = 0; n < 100; n++) await sender.publish('alec/shed/frame', Uint8Array.of(n))
    expect([await timed.done, await full.done]).toEqual([0, 0])
    expect(full.text().length).toBeLessThanOrEqual(4096)
    expect(full.io.err).toContain('; it is full\n')
    expect(timed.text()).toMatch(/ended: time, \d+ frames\n$/)
  })

  it('writes to standard output what it would write to a file', async () => {
    const { listening, wrote, end, io } = started(site(), {}, '-')
    await listening()
    await sender.publish('alec/shed/frame', Uint8Array.of(7))
    await wrote(1)
    expect(await end()).toBe(0)
    expect(io.out).toMatch(
      /^# alec-bridge capture 1\n(?:.*\n)*.*shed mqtt 1 07\n# .*ended: stopped/,
    )
  })
})

describe.skipIf(withoutMosquitto())('what a capture holds', () => {
  it('is never a secret of the configuration', async () => {
    const broker = await Mosquitto.start()
    const url = broker.url.replace('://', `://${CANARY.user}:${CANARY.password}@`)
    const { listening, text, end, io } = started({
      ...siteConfig({ ...SITE, brokerUrl: broker.url }),
      broker: { url: broker.url, username: CANARY.user, password_file: 'broker.password' },
    })
    await listening()
    await broker.stop()
    expect(await end()).toBe(0)
    expect(text()).toContain(`# source ${broker.url} alec/+/frame`)
    for (const said of [text(), io.out, io.err])
      for (const canary of Object.values(CANARY)) expect(said).not.toContain(canary)
    // Nor where a URL has them, which the configuration does not allow.
    const refused = started(siteConfig({ ...SITE, brokerUrl: url }))
    expect(await refused.done).toBe(78)
    expect(refused.text()).toBe('')
    expect(refused.io.err).not.toContain(CANARY.password)
  })
})

describe('capture from a serial line', () => {
  it('writes its frames as they are cut out of it, and what is damaged is counted', async () => {
    const terminal = fixedTerminal()
    const site = siteConfig({ brokerUrl: 'mqtt://127.0.0.1:1', lines: { barn: terminal.path } })
    const { listening, lines, wrote, end, io, file } = started(site, { port: terminal.path })
    await listening()
    const node = onLine('barn', terminal)
    node.send()
    terminal.write(Uint8Array.of(5, 1, 2, 3, 4, 0))
    node.send()
    await wrote(2)
    expect(await end()).toBe(0)
    expect(lines()).toEqual([
      expect.stringMatching(/ barn crc32 14 a10000/),
      expect.stringMatching(/ barn crc32 \d+ a10001/),
    ])
    expect(io.err).toMatch(/not captured: 1 × no frame: \S+\n/)
    expect(readFileSync(file, 'utf8')).toContain(`# source serial:${terminal.path}\n`)
  })

  it('knows which lines there are, and leaves no file where nothing could be heard', async () => {
    const site = siteConfig({
      brokerUrl: 'mqtt://127.0.0.1:1',
      lines: { barn: '/dev/serial/by-id/none' },
    })
    const elsewhere = started(site, { port: '/dev/ttyNothing' })
    const away = started(site, { port: '/dev/serial/by-id/none' })
    const noTopics = started(site)
    expect([await elsewhere.done, await away.done, await noTopics.done]).toEqual([64, 69, 64])
    expect(elsewhere.io.err).toContain('there are: /dev/serial/by-id/none\n')
    expect(away.io.err).toContain('/dev/serial/by-id/none is not there')
    expect(noTopics.io.err).toContain('--port captures a serial line')
    for (const { file } of [elsewhere, away, noTopics]) expect(existsSync(file)).toBe(false)
  })
})

describe('capture to a reader of standard output that hangs', () => {
  /** A line of ours in place of a real one: frames come when the test says so. */
  function captured() {
    const clock = new ManualClock()
    const line = new MemorySource({ clock })
    const cwd = temporaryDirectory('alec-capture-')
    const site = siteConfig({
      brokerUrl: 'mqtt://127.0.0.1:1',
      lines: { barn: '/dev/barn' },
    })
    writeFileSync(join(cwd, 'alec-bridge.yaml'), stringify(site))
    const io = recordedIo(cwd)
    const stop = new AbortController()
    const waiting: (() => void)[] = []
    const abandoned: string[] = []
    const reader = {
      taken: () => new Promise<void>((resolve) => void waiting.push(resolve)),
      abandon: () => void abandoned.push('abandoned'),
    }
    const outside = { ...io, stdout: io.stdout, stdoutReader: reader, signal: stop.signal }
    const ports = { clock, line: () => line, door: visitorDoor }
    const done = capture('-', { port: '/dev/barn' }, outside, ports)
    /** As many frames of 4000 bytes. */
    const send = (frames: number) => {
      for (let n = 0; n < frames; n++) line.deliver('barn', new Uint8Array(4000))
    }
    const turns = () => new Promise((resolve) => setImmediate(resolve))
    return { io, clock, waiting, abandoned, send, turns, stop, done }
  }

  it('keeps no more than 4 MiB of frames for it, and says how many were not captured', async () => {
    const { io, waiting, abandoned, send, turns, stop, done } = captured()
    await turns()
    expect(waiting).toHaveLength(1)
    send(3000)
    const before = io.out.length
    await turns()
    expect(io.out.length).toBe(before)
    // It reads again, all that is left.
    stop.abort()
    for (let turn = 0; turn < 20; turn++) {
      for (const take of waiting.splice(0)) take()
      await turns()
    }
    expect(await done).toBe(0)
    const written = io.out.match(/ barn /g)?.length ?? 0
    expect(io.out.length).toBeLessThan(4.1 * 2 ** 20)
    expect(written).toBeGreaterThan(500)
    expect(io.err).toContain(`not captured: ${3000 - written} × its reader was too slow\n`)
    expect(abandoned).toEqual([])
  })

  it('ends without it five seconds after it was told to', async () => {
    const { io, clock, waiting, abandoned, send, turns, stop, done } = captured()
    await turns()
    send(1)
    stop.abort()
    await turns()
    clock.advance(4999)
    await turns()
    expect([waiting.length, abandoned.length]).toEqual([1, 0])
    clock.advance(1)
    expect(await done).toBe(74)
    expect(abandoned).toEqual(['abandoned'])
    expect(io.err).toContain('standard output: its reader has stopped taking anything\n')
  })
})

describe('capture', () => {
  const site = siteConfig({ brokerUrl: 'mqtt://127.0.0.1:1', overMqtt: ['shed'] })

  it('replaces no file, and leaves none where there is no broker', async () => {
    const over = started(site, {}, 'alec-bridge.yaml')
    const away = started(site)
    expect([await over.done, await away.done]).toEqual([74, 69])
    expect(over.io.err).toContain('alec-bridge.yaml: is there already')
    expect(over.text()).toContain('version: 1')
    expect(existsSync(away.file)).toBe(false)
  })

  it.each<[CaptureOptions, string, string]>([
    [{ json: true }, '-', '--json'],
    [{ maxSize: 100 }, 'a', '--max-size'],
    [{ device: ['a b'] }, 'a', '"a b" is no device id'],
  ])('says what it cannot do: %j', async (options, path, words) => {
    const { done, io } = started(site, options, path)
    expect(await done).toBe(64)
    expect(io.err).toContain(words)
  })
})
