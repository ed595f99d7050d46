import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../src/clock.js'
import { wrapFrame } from '../../src/framing/index.js'
import { createLineSource, type LineSource } from '../../src/transport/line-source.js'
import { lineConfig } from '../support/line-config.js'
import { mulberry, testSeed } from '../support/mulberry.js'
import { PluggableTerminal } from '../support/pseudo-terminal.js'
import { RecordedHandlers } from '../support/recorded-handlers.js'

const FRAME_BYTES = 34
const until = (check: () => void): Promise<void> =>
  vi.waitFor(check, { timeout: 10_000, interval: 5 })

/** A frame that says in its first bytes which one it is; the rest follows from that. */
const numbered = (n: number): Uint8Array =>
  Uint8Array.from({ length: FRAME_BYTES }, (_, i) => (i === 0 ? n >> 8 : (n * (i + 6)) & 0xff))

const format = lineConfig()
const wireOf = (count: number): Uint8Array =>
  Buffer.concat(Array.from({ length: count }, (_, n) => wrapFrame(format, numbered(n))))

/** Holds this process up, as a long garbage collection or a slow disk would. */
const blockLoop = (ms: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)

describe('a serial port in full flow', () => {
  let terminal: PluggableTerminal
  let source: LineSource
  let heard: RecordedHandlers
  const numbers = new Map(
    Array.from({ length: 8000 }, (_, n) => [Buffer.from(numbered(n)).toString('hex'), n]),
  )
  /** The numbers of what came; undefined for a frame that nobody sent. */
  const received = () => heard.bytes.map((bytes) => numbers.get(Buffer.from(bytes).toString('hex')))

  beforeEach(async () => {
    terminal = new PluggableTerminal()
    await terminal.plug()
    // A pseudo-terminal has no speed of its own; at this one the bridge bears pauses of 200 ms in a frame, as
    // a busy machine makes them in what the node sends.
    const config = lineConfig({ path: terminal.path, device: 'd1', baudRate: 1200 })
    source = createLineSource(config, { clock: systemClock, random: () => 0.5 })
    heard = new RecordedHandlers()
  })

  afterEach(async () => {
    await source.stop()
    await terminal.close()
  })

  const opened = async () => {
    source.start(heard)
    await until(() => expect(source.state.kind).toBe('open'))
  }

  it('F-03: begins with the first whole frame where it is opened in the midst of one', async () => {
    const sent = 500
    const streaming = terminal.stream(wireOf(sent).subarray(10), 230_400)
    await opened()
    await streaming
    await until(() => expect(received().at(-1)).toBe(sent - 1))
    // What came before it was open the system throws away, up to any byte.
    const [first = Number.NaN] = received()
    expect(first).toBeGreaterThan(0)
    expect(received()).toEqual(Array.from({ length: sent - first }, (_, i) => first + i))
    const { rejected, bytesIn, bytesInFrames, discardedBytes } = source.counters()
    expect(rejected).toEqual({})
    // None, where that happened to be the last byte of a frame.
    const inTheMidst = bytesIn - bytesInFrames
    expect(inTheMidst).toBeLessThan(wireOf(1).length + 1)
    expect(discardedBytes).toEqual(inTheMidst === 0 ? {} : { syncing: inTheMidst })
  })

  it('F-04: says baud rate or wiring after 2 s of noise, until frames come', async () => {
    await opened()
    const random = mulberry(testSeed)
    const noise = Uint8Array.from({ length: 28_000 }, () => Math.floor(256 * random()))
    const began = performance.now()
    const streaming = terminal.stream(noise, 115_200)
    const health = () => source.healthCheck(systemClock.mono())
    await until(() => expect(health().status).toBe('unhealthy'))
    const elapsed = performance.now() - began
    expect(health().message, `seed ${testSeed}`).toMatch(/^no_valid_frames: .*baud rate or wiring/)
    expect(elapsed).toBeGreaterThanOrEqual(2000)
    expect(elapsed).toBeLessThan(4000)
    expect(heard.frames).toEqual([])
    await streaming
    await terminal.stream(wireOf(5), 115_200)
    await until(() => expect(heard.frames.length).toBeGreaterThan(3))
    expect(health().message).not.toContain('no_valid_frames')
  })

  it('F-09: loses nothing while this process is held up and the system has room', async () => {
    await opened()
    const sent = 560
    const streaming = terminal.stream(wireOf(sent), 115_200)
    // Most of them begin in the midst of a frame, whose rest lies unread in the system meanwhile.
    for (let stalls = 1; stalls <= 4; stalls++) {
      await until(() => expect(heard.frames.length).toBeGreaterThan(100 * stalls))
      blockLoop(320)
    }
    expect(await streaming).toBe(0)
    await until(() => expect(heard.frames).toHaveLength(sent))
    expect(received()).toEqual(Array.from({ length: sent }, (_, n) => n))
    expect(source.counters().rejected).toEqual({})
  })

  it('F-09: loses whole frames, and no other, where it is held up for longer', async () => {
    await opened()
    const sent = 3600
    const streaming = terminal.stream(wireOf(sent), 921_600)
    await until(() => expect(heard.frames.length).toBeGreaterThan(200))
    blockLoop(500)
    let lostBytes = await streaming
    // The last ones may be missing as well where the machine is busy: others follow until one is heard.
    let last = sent - 1
    const isLastHeard = () =>
      vi
        .waitFor(() => expect(received().at(-1)).toBe(last), { timeout: 500, interval: 5 })
        .then(
          () => true,
          () => false,
        )
    while (!(await isLastHeard()))
      lostBytes += await terminal.stream(wrapFrame(format, numbered(++last)), 9600)
    // None torn, none made up, in order.
    expect(received()).not.toContain(undefined)
    const came = received() as number[]
    expect(came).toEqual([...new Set(came)].sort((a, b) => a - b))
    const holes = came.filter((n, i) => n !== (came[i - 1] ?? -1) + 1).length
    const lost = last + 1 - came.length
    expect(lost * FRAME_BYTES).toBeLessThanOrEqual(lostBytes + 2 * holes * FRAME_BYTES)
    const damaged = Object.values(source.counters().rejected).reduce((sum, n) => sum + n, 0)
    // Where bytes are missing, the rest of one frame runs into the rest of another: by that they are missed. None does
    // where whole frames are missing.
    expect(damaged).toBeLessThanOrEqual(2 * holes)
    const { message } = source.healthCheck(systemClock.mono())
    expect(message.startsWith('overrun: ')).toBe(damaged > 0)
  })
})
