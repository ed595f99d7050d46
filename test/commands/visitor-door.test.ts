import { describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../src/clock.js'
import { insistent, visitorDoor } from '../../src/commands/visitor-door.js'
import {
  type BrokerDoor,
  type ConnectionEnd,
  type ConnectionHandlers,
  EmbeddedBroker,
} from '../../src/transport/index.js'
import { ScriptedBroker } from '../support/scripted-broker.js'

/** How a connection through a door begins. */
const entered = (door: BrokerDoor): Promise<ConnectionEnd | 'connected'> =>
  new Promise((resolve) => {
    const connection = door.open({
      onConnected: () => {
        resolve('connected')
        connection.close()
      },
      onMessage: () => {},
      onClosed: resolve,
    })
  })

describe('who comes in once', () => {
  it('is let in by a broker that knows MQTT 3.1.1 alone', async () => {
    const broker = new EmbeddedBroker({ host: '127.0.0.1', port: 0, clock: systemClock })
    await broker.start()
    onTestFinished(() => broker.stop())
    const access = { urls: [broker.address ?? ''] }
    expect(await entered(visitorDoor(access, 'visitor', systemClock))).toBe('connected')
  })

  it('is let in by one that does not even answer in another version', async () => {
    const broker = await ScriptedBroker.start({
      onPacket: (_packet, peer) => {
        if (peer.level !== 5) return false
        peer.socket.destroy()
        return true
      },
    })
    onTestFinished(() => broker.close())
    const door = visitorDoor({ urls: [broker.url] }, 'visitor', systemClock)
    expect(await entered(door)).toBe('connected')
    expect(broker.peers.map(({ level }) => level)).toEqual([5, 5, 4])
  })
})

describe('a door that is tried again', () => {
  /** A door at which every connection ends as it is told, at once. */
  function closing(...codes: readonly string[]) {
    const opened: ConnectionHandlers[] = []
    const door: BrokerDoor = {
      address: 'nowhere',
      keepsSession: false,
      open(handlers) {
        const code = codes[opened.length] ?? 'closed'
        opened.push(handlers)
        queueMicrotask(() => handlers.onClosed({ code, reason: code }))
        return {
          publish: () => {},
          subscribe: () => {},
          unsubscribe: () => {},
          close: () => {},
          abort: () => {},
        }
      },
    }
    return { door, opened }
  }

  it.each<[string, readonly string[], string, number]>([
    ['not for ever', [], 'closed', 3],
    ['not where nobody listens', ['ECONNREFUSED'], 'ECONNREFUSED', 1],
    ['not where who we are is refused', ['connack-1', 'connack-5'], 'connack-5', 2],
  ])('is %s', async (_what, codes, last, times) => {
    const { door, opened } = closing(...codes)
    expect(await entered(insistent(door, 3))).toEqual({ code: last, reason: last })
    expect(opened).toHaveLength(times)
  })
})
