import {
  closeSync,
  constants,
  existsSync,
  lstatSync,
  mkdtempSync,
  openSync,
  readlinkSync,
  readSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SerialPort } from 'serialport'
import { afterEach, describe, expect, it, vi } from 'vitest'
import {
  Line,
  LineFaults,
  type Link,
  noFaults,
  PtyLink,
  Random,
  TcpLink,
} from '../../firmware-sim/index.js'
import { Framer, type LineFormat, wrapFrame } from '../../src/framing/index.js'
import { toHex } from '../support/vectors.js'

const format: LineFormat = { framing: 'cobs', crc: 'crc32', address: 'none', maxFrame: 4096 }
const bus: LineFormat = { ...format, crc: 'crc16', address: 'byte' }
const allBytes = Uint8Array.from({ length: 256 }, (_, byte) => byte)
const alone = [{ device: 'shed-1', address: -1 }]
const pair = [
  { device: 'shed-1', address: 1 },
  { device: 'shed-2', address: 2 },
]

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

type Downlinks = string[]

async function started<L extends Link>(link: L): Promise<{ link: L; downlinks: Downlinks }> {
  const downlinks: Downlinks = []
  await link.start((device, bytes) => downlinks.push(`${device} ${toHex(bytes)}`))
  undo.push(() => link.stop())
  return { link, downlinks }
}

/** Frames as a bridge cuts them from a stream. */
function receiver(lineFormat: LineFormat) {
  const frames: string[] = []
  const framer = new Framer(lineFormat, (bytes, address) =>
    frames.push(`${address} ${toHex(bytes)}`),
  )
  return { frames, push: (chunk: Uint8Array) => framer.push(chunk) }
}

async function openSerial(path: string): Promise<SerialPort> {
  const port = new SerialPort({ path, baudRate: 115_200, autoOpen: false })
  await new Promise<void>((resolve, reject) =>
    port.open((error) => (error ? reject(error) : resolve())),
  )
  undo.push(
    () => new Promise<void>((resolve) => (port.isOpen ? port.close(() => resolve()) : resolve())),
  )
  return port
}

function readOrNothing(descriptor: number): number | undefined {
  try {
    return readSync(descriptor, new Uint8Array(1))
  } catch {
    return undefined
  }
}

async function connectTcp(address: string): Promise<Socket> {
  const { hostname, port } = new URL(address)
  const socket = connect(Number(port), hostname)
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('error', reject)
  })
  undo.push(() => socket.destroy())
  return socket
}

describe('Line', () => {
  it('wraps what its nodes send and damages what the wire damages', () => {
    const clean = new Line('bus', bus, pair)
    expect(clean.wrap('shed-2', allBytes)).toEqual(wrapFrame(bus, allBytes, 2))
    const faults = new LineFaults({ ...noFaults, bitErrors: 0.05 }, new Random(1))
    const noisy = new Line('bus', bus, [pair[0]!, { ...pair[1]!, faults }])
    expect(noisy.wrap('shed-1', allBytes)).toEqual(wrapFrame(bus, allBytes, 1))
    expect(noisy.wrap('shed-2', allBytes)).not.toEqual(wrapFrame(bus, allBytes, 2))
    expect(noisy.wrap('stranger', allBytes)).toBeUndefined()
  })

  it('brings through noise only frames that were sent, and most of them', () => {
    const seed = 20_261_124
    const rates = {
      ...noFaults,
      bitErrors: 0.0005,
      byteLoss: 0.001,
      byteInserts: 0.001,
      noiseRuns: 0.0005,
    }
    const random = new Random(seed)
    const faults = new LineFaults(rates, random.fork('wire'))
    const line = new Line('desk', format, [{ ...alone[0]!, faults }])
    const { frames, push } = receiver(format)
    const sent = Array.from({ length: 5000 }, () => random.bytes(1 + random.below(30)))
    for (const bytes of sent) push(line.wrap('shed-1', bytes)!)
    const known = new Set(sent.map((bytes) => `-1 ${toHex(bytes)}`))
    expect(
      frames.filter((frame) => !known.has(frame)),
      `seed ${seed}`,
    ).toEqual([])
    expect(frames.length).toBeGreaterThan(0.7 * sent.length)
    expect(frames.length).toBeLessThan(sent.length)
  })

  it('hands downlinks to the node of their address and counts those for nobody', () => {
    const heard: string[] = []
    const line = new Line('bus', bus, pair)
    const cutter = line.receiver((device, bytes) => heard.push(`${device} ${toHex(bytes)}`))
    for (const address of [2, 9, 1]) cutter.push(wrapFrame(bus, Uint8Array.of(0xff), address))
    expect(heard).toEqual(['shed-2 ff', 'shed-1 ff'])
    expect(line.tally.snapshot()).toMatchObject({ downlinks: 2, strayDownlinks: 1 })
  })
})

describe('PtyLink', () => {
  it('carries every byte value both ways between a node and a serial port', async () => {
    const { link, downlinks } = await started(new PtyLink(new Line('desk', format, alone)))
    const port = await openSerial(link.address!)
    const { frames, push } = receiver(format)
    port.on('data', push)
    link.send('shed-1', Uint8Array.of(0xa1))
    link.send('shed-1', allBytes)
    await vi.waitUntil(() => frames.length === 2)
    expect(frames).toEqual(['-1 a1', `-1 ${toHex(allBytes)}`])
    port.write(wrapFrame(format, allBytes))
    port.write(wrapFrame(format, Uint8Array.of(0xff)))
    await vi.waitUntil(() => downlinks.length === 2)
    expect(downlinks).toEqual([`shed-1 ${toHex(allBytes)}`, 'shed-1 ff'])
    expect(link.counters).toMatchObject({ framesSent: 2, unsent: 0, downlinks: 2 })
  })

  it('has several nodes on one line by their addresses', async () => {
    const { link, downlinks } = await started(new PtyLink(new Line('bus', bus, pair)))
    const port = await openSerial(link.address!)
    const { frames, push } = receiver(bus)
    port.on('data', push)
    link.send('shed-1', Uint8Array.of(0xa1, 1))
    link.send('shed-2', Uint8Array.of(0xa1, 2))
    await vi.waitUntil(() => frames.length === 2)
    expect(frames).toEqual(['1 a101', '2 a102'])
    port.write(wrapFrame(bus, Uint8Array.of(0xff), 2))
    await vi.waitUntil(() => downlinks.length === 1)
    expect(downlinks).toEqual(['shed-2 ff'])
  })

  it('does not hear its own echo before anybody has opened it', async () => {
    const { link, downlinks } = await started(new PtyLink(new Line('desk', format, alone)))
    link.send('shed-1', Uint8Array.of(0xff))
    const port = await openSerial(link.address!)
    port.write(wrapFrame(format, Uint8Array.of(0x42)))
    await vi.waitUntil(() => downlinks.length > 0)
    expect(downlinks).toEqual(['shed-1 42'])
  })

  it('hangs up when it stops, and is found under the same path when it starts again', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'alec-sim-'))
    undo.push(() => rmSync(directory, { recursive: true }))
    const path = join(directory, 'desk')
    const { link } = await started(new PtyLink(new Line('desk', format, alone), { symlink: path }))
    expect(link.address).toBe(path)
    const reader = openSync(path, constants.O_RDONLY | constants.O_NOCTTY | constants.O_NONBLOCK)
    undo.push(() => closeSync(reader))
    expect(() => readSync(reader, new Uint8Array(1))).toThrow('EAGAIN')
    await link.stop()
    // The end of the file: nothing will come any more.
    await vi.waitUntil(() => readOrNothing(reader) === 0)
    expect(existsSync(path)).toBe(false)
    expect(link.address).toBeUndefined()

    await link.start(() => {})
    const again = await openSerial(path)
    const { frames, push } = receiver(format)
    again.on('data', push)
    link.send('shed-1', Uint8Array.of(0xa2))
    await vi.waitUntil(() => frames.length === 1)
    expect(frames).toEqual(['-1 a2'])
  })

  it('leaves no descriptor open when it stops', async () => {
    const terminals = () =>
      Array.from({ length: 256 }, (_, fd) => fd).filter((fd) => {
        try {
          return /ptmx|pts/.test(readlinkSync(`/proc/self/fd/${fd}`))
        } catch {
          return false
        }
      }).length
    const before = terminals()
    for (let i = 0; i < 5; i++) {
      const { link } = await started(new PtyLink(new Line('desk', format, alone)))
      if (process.platform === 'linux') expect(terminals()).toBeGreaterThan(before)
      await link.stop()
    }
    await vi.waitUntil(() => terminals() === before)
    expect(terminals()).toBe(before)
  })

  it('drops frames that nobody reads instead of keeping them', async () => {
    const { link } = await started(new PtyLink(new Line('desk', format, alone)))
    for (let i = 0; i < 2000; i++) link.send('shed-1', allBytes)
    const { framesSent, unsent } = link.counters
    expect(framesSent + unsent).toBe(2000)
    expect(unsent).toBeGreaterThan(1000)
    await link.stop()
    link.send('shed-1', allBytes)
    expect(link.counters.unsent).toBe(unsent + 1)
  })

  it('never replaces a file that is no symlink', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'alec-sim-'))
    undo.push(() => rmSync(directory, { recursive: true }))
    const path = join(directory, 'precious')
    writeFileSync(path, 'data')
    const link = new PtyLink(new Line('desk', format, alone), { symlink: path })
    await expect(link.start(() => {})).rejects.toMatchObject({ code: 'ERR_LINK_PATH' })
    expect(lstatSync(path).isFile()).toBe(true)
    await link.stop()
  })
})

describe('TcpLink', () => {
  const anyPort = { host: '127.0.0.1', port: 0 }

  it('carries frames to every peer and downlinks back', async () => {
    const { link, downlinks } = await started(new TcpLink(new Line('bus', bus, pair), anyPort))
    const peers = [await connectTcp(link.address!), await connectTcp(link.address!)]
    const heard = peers.map((peer) => {
      const { frames, push } = receiver(bus)
      peer.on('data', push)
      return frames
    })
    await vi.waitUntil(() => {
      link.send('shed-2', allBytes)
      return heard.every((frames) => frames.length > 0)
    })
    for (const frames of heard) expect(frames[0]).toBe(`2 ${toHex(allBytes)}`)
    peers[1]!.write(wrapFrame(bus, Uint8Array.of(0xff), 1))
    await vi.waitUntil(() => downlinks.length === 1)
    expect(downlinks).toEqual(['shed-1 ff'])
  })

  it('drops frames while nobody is connected and survives peers that vanish', async () => {
    const { link } = await started(new TcpLink(new Line('tcp', format, alone), anyPort))
    link.send('shed-1', allBytes)
    expect(link.counters).toMatchObject({ framesSent: 0, unsent: 1 })
    const peer = await connectTcp(link.address!)
    await vi.waitUntil(() => {
      link.send('shed-1', allBytes)
      return link.counters.framesSent > 0
    })
    peer.resetAndDestroy()
    await vi.waitUntil(() => {
      const { unsent } = link.counters
      link.send('shed-1', allBytes)
      return link.counters.unsent > unsent
    })
  })

  it('rejects a port that is taken, and frees its own when it stops', async () => {
    const { link } = await started(new TcpLink(new Line('a', format, alone), anyPort))
    const port = Number(new URL(link.address!).port)
    const other = new TcpLink(new Line('b', format, alone), { host: '127.0.0.1', port })
    await expect(other.start(() => {})).rejects.toMatchObject({ code: 'EADDRINUSE' })
    await link.stop()
    await link.stop()
    await started(other)
    expect(other.address).toBe(`tcp://127.0.0.1:${port}`)
  })
})
