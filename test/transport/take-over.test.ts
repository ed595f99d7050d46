import { describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../src/clock.js'
import { brokerDoor } from '../../src/transport/broker-client.js'
import { MqttLink } from '../../src/transport/mqtt-link.js'
import { ManualClock } from '../support/manual-clock.js'
import { Mosquitto, withoutMosquitto } from '../support/mosquitto.js'
import { ScriptedDoor } from './scripted-door.js'

function linkOver() {
  const door = new ScriptedDoor()
  const clock = new ManualClock()
  const link = new MqttLink({ name: 'broker:input', door, clock, random: () => 0.5 })
  link.start()
  door.last.isConnected()
  /** The connection ends; time passes until there is another, at most so long. */
  const closed = (code?: string, withinMs = 60_000) => {
    const before = door.connections.length
    door.last.isClosed(code)
    for (let ms = 0; ms < withinMs && door.connections.length === before; ms += 100)
      clock.advance(100)
    const opened = door.connections.length > before
    if (opened) door.last.isConnected()
    return opened
  }
  return { door, clock, link, closed }
}

describe('F-31: two bridges of one name', () => {
  it.each([['taken-over'], ['closed']])(
    'throw each other out three times in a minute (%s), then one lets the other work for five minutes',
    (code) => {
      const { link, closed, clock, door } = linkOver()
      expect(closed(code)).toBe(true)
      expect(closed(code)).toBe(true)
      expect(closed(code)).toBe(false)
      expect(link.state).toMatchObject({ kind: 'away', code: 'client_id_conflict' })
      expect(link.healthCheck(0)).toMatchObject({
        status: 'unhealthy',
        message: expect.stringContaining('another client connects with our id'),
      })
      const before = door.connections.length
      clock.advance(230_000)
      expect(door.connections.length).toBe(before)
      clock.advance(15_000)
      expect(door.connections.length).toBe(before + 1)
    },
  )

  it.each([
    [29_900, true],
    [30_100, false],
  ])('are seen where all three come within a minute: %i ms apart, %s', (apartMs, isSeen) => {
    const { link, clock, door } = linkOver()
    const began = clock.mono()
    for (let n = 0; n < 3; n++) {
      clock.advance(began + n * apartMs - clock.mono())
      door.last.isClosed('taken-over')
      if (n === 2) break
      clock.advance(2000)
      door.last.isConnected()
    }
    expect(link.state.kind === 'away' && link.state.code === 'client_id_conflict').toBe(isSeen)
  })

  it('are not seen in a broker that restarts: nobody answers in between', () => {
    const { closed, door } = linkOver()
    for (let restart = 0; restart < 5; restart++) {
      expect(closed('closed')).toBe(true)
      door.last.isClosed('ECONNREFUSED')
      expect(closed('ECONNREFUSED')).toBe(true)
    }
  })

  it('are not seen in connections that end now and then', () => {
    const { closed, clock } = linkOver()
    for (let loss = 0; loss < 10; loss++) {
      clock.advance(61_000)
      expect(closed('closed')).toBe(true)
    }
  })

  it.skipIf(withoutMosquitto()).each([['auto'], ['3.1.1']] as const)(
    'are told apart by a real Mosquitto (%s)',
    async (protocol) => {
      const broker = await Mosquitto.start()
      onTestFinished(() => broker.stop())
      const access = { urls: [broker.url], protocol }
      const links = [1, 2].map(() => {
        const door = brokerDoor(access, { clientId: 'same', clean: true }, systemClock)
        return new MqttLink({ name: 'link', door, clock: systemClock, random: () => 0 })
      })
      onTestFinished(async () => void (await Promise.all(links.map((link) => link.stop()))))
      const conflict = Promise.race(
        links.map(
          (link) =>
            new Promise<string>((resolve) => {
              link.onState((state) => {
                if (state.kind === 'away' && state.code === 'client_id_conflict')
                  resolve(state.code)
              })
              link.start()
            }),
        ),
      )
      expect(await conflict).toBe('client_id_conflict')
    },
    20_000,
  )
})
