import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { type ConnectionLimits, defaultConnectionLimits } from '../../src/resilience/index.js'
import { SocketAdmission } from '../../src/transport/socket-admission.js'
import { ManualClock } from '../support/manual-clock.js'

const undo: (() => unknown)[] = []

afterEach(async () => {
  for (const each of undo.splice(0).reverse()) await each()
})

/** A door with nobody behind it, and those who come to it. */
async function door(limits: Partial<ConnectionLimits>) {
  const clock = new ManualClock()
  const admitted: Socket[] = []
  const refused: string[] = []
  const shut: boolean[] = []
  const admission = new SocketAdmission({
    clock,
    connections: { total: 200, perAddress: 20, rate: { perSecond: 10, burst: 1 }, ...limits },
    onAdmitted: (socket) => admitted.push(socket),
    onRefused: (reason) => refused.push(reason),
    onShut: (isShut) => shut.push(isShut),
  })
  let onKnocked = () => {}
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    admission.knock(socket)
    onKnocked()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  undo.push(() => new Promise((resolve) => server.close(resolve)))
  undo.push(() => admission.close())
  const { port } = server.address() as AddressInfo
  /** Resolves once it has been decided what becomes of the socket. */
  const knock = async (localAddress = '127.0.0.1') => {
    const knocked = new Promise<void>((resolve) => {
      onKnocked = resolve
    })
    const socket = connect({ port, host: '127.0.0.1', localAddress })
    socket.on('error', () => {}).resume()
    undo.push(() => socket.destroy())
    await knocked
    return socket
  }
  return { clock, admission, admitted, refused, shut, knock }
}

const closed = (socket: Socket) =>
  new Promise<void>((resolve) => (socket.closed ? resolve() : socket.once('close', resolve)))

describe('a socket that comes too early', () => {
  it('waits, unread, and is let in in its time', async () => {
    const { clock, admitted, refused, knock } = await door({})
    await knock()
    const early = await knock()
    await new Promise<void>((resolve) => early.write('CONNECT', () => resolve()))
    expect(admitted.length).toBe(1)
    clock.advance(100)
    expect([admitted.length, refused, admitted[1]?.bytesRead]).toEqual([2, [], 0])
    const said = new Promise((resolve) => admitted[1]?.once('data', resolve))
    admitted[1]?.resume()
    expect(String(await said)).toBe('CONNECT')
  })

  it('is refused after two seconds, and told so only then', async () => {
    const { clock, admitted, refused, knock } = await door({ total: 1 })
    await knock()
    const early = await knock()
    clock.advance(1950)
    expect(refused).toEqual([])
    clock.advance(50)
    expect([admitted.length, refused]).toEqual([1, ['too-many-connections']])
    await closed(early)
    expect(clock.pending).toBe(0)
  })

  it('has the place of one that leaves', async () => {
    const rate = { perSecond: 1000, burst: 1000 }
    const { admission, admitted, knock } = await door({ total: 1, rate })
    await knock()
    await knock()
    const [first] = admitted
    const left = new Promise((resolve) => first?.once('close', resolve))
    first?.destroy()
    await left
    expect([admitted.length, admission.admitted]).toEqual([2, 1])
  })

  it('comes in before one that comes later', async () => {
    const { clock, admitted, knock } = await door({})
    await knock()
    const waiting = await knock()
    clock.jump(100)
    await knock()
    expect(admitted.map(({ remotePort }) => remotePort)).toContain(waiting.localPort)
  })

  it('does not wait for the many of another address', async () => {
    const { clock, admitted, refused, knock } = await door({})
    for (let n = 0; n < 205; n++) await knock('127.0.0.2')
    await knock('127.0.0.3')
    clock.advance(200)
    expect(admitted.map(({ remoteAddress }) => remoteAddress)).toEqual([
      '127.0.0.2',
      '127.0.0.2',
      '127.0.0.3',
    ])
    // One was let in at once, and 200 may wait.
    expect(refused).toEqual(Array(5).fill('too-fast'))
  })
})

describe('many sockets at once', () => {
  it('are let in one after the other, so that none of those who are in waits for all of them', async () => {
    const { clock, admitted, refused, shut, knock } = await door(defaultConnectionLimits)
    for (let n = 0; n < 100; n++) await knock()
    expect(admitted.length).toBe(3)
    clock.advance(10)
    expect(admitted.length).toBe(4)
    clock.advance(10)
    expect(admitted.length).toBe(5)
    clock.advance(95 * 10)
    expect([admitted.length, refused, shut, clock.pending]).toEqual([100, [], [], 0])
  })

  it('do not make one that comes by itself wait', async () => {
    const { clock, admitted, knock } = await door(defaultConnectionLimits)
    for (let n = 0; n < 30; n++) {
      await knock()
      expect(admitted.length).toBe(n + 1)
      clock.advance(10)
    }
  })
})

describe('a flood of sockets', () => {
  it('shuts the door until the next look, and is over ten seconds later', async () => {
    const { clock, admission, refused, shut, knock } = await door({})
    await knock()
    for (let n = 0; n < 199; n++) await knock()
    expect([shut, admission.isFlooded(0)]).toEqual([[], false])
    await knock()
    expect([shut, admission.isFlooded(0)]).toEqual([[true], true])
    admission.dropped()
    expect(refused).toEqual(['too-fast'])
    clock.advance(10)
    expect(shut).toEqual([true, false])
    // Twenty more have come to be allowed.
    for (let n = 0; n < 19; n++) await knock()
    expect(shut).toEqual([true, false])
    await knock()
    expect(shut).toEqual([true, false, true])
    clock.advance(10)
    expect([admission.isFlooded(10_009), admission.isFlooded(10_010)]).toEqual([true, false])
  })

  it('is no flood where it is spread over time', async () => {
    const { clock, shut, knock } = await door({})
    for (let n = 0; n < 300; n++) {
      await knock()
      if (n % 150 === 149) clock.advance(80)
    }
    expect(shut).toEqual([])
  })
})

describe('an admission that is closed', () => {
  it('closes those who wait and those who are in, and leaves no timer behind', async () => {
    const { clock, admission, knock } = await door({})
    const both = [await knock(), await knock()]
    admission.close()
    await Promise.all(both.map(closed))
    expect(clock.pending).toBe(0)
  })
})
