import nodePty from '@lydell/node-pty'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Mosquitto, withoutMosquitto } from '../support/mosquitto.js'
import { VirtualScreen } from '../support/virtual-screen.js'
import { Observer } from '../transport/observer.js'
import { assertBuilt, CLI } from './program.js'
import { configFile, siteConfig } from './running-bridge.js'

/** The verb on a real terminal of this size. */
function onTerminal(file: string, columns: number, lines: number, env: NodeJS.ProcessEnv = {}) {
  assertBuilt()
  const terminal = nodePty.spawn(process.execPath, [CLI, 'monitor', '-c', file], {
    cols: columns,
    rows: lines,
    name: 'xterm-256color',
    env: { ...process.env, LANG: 'C.UTF-8', ...env },
  })
  let screen = new VirtualScreen(columns, lines)
  let raw = ''
  let look = () => {}
  terminal.onData((text) => {
    raw += text
    screen.write(text)
    look()
  })
  const ended = new Promise<number>((resolve) =>
    terminal.onExit(({ exitCode }) => resolve(exitCode)),
  )
  onTestFinished(() => {
    try {
      terminal.kill('SIGKILL')
    } catch {
      // It has ended already.
    }
  })
  return {
    ended,
    get raw() {
      return raw
    },
    get screen() {
      return screen
    },
    until(what: string, fits: (screen: VirtualScreen) => boolean): Promise<void> {
      return new Promise((resolve, reject) => {
        const timer = setTimeout(
          () => reject(new Error(`${what}: not on the screen:\n${screen.text.join('\n')}`)),
          10_000,
        )
        look = () => {
          if (!fits(screen)) return
          clearTimeout(timer)
          look = () => {}
          resolve()
        }
        look()
      })
    },
    type: (keys: string) => terminal.write(keys),
    kill: (signal: string) => terminal.kill(signal),
    resize(toColumns: number, toLines: number) {
      screen = new VirtualScreen(toColumns, toLines)
      screen.isAlternate = true
      terminal.resize(toColumns, toLines)
    },
  }
}

const DOWN = '\u001b[B'

describe.skipIf(withoutMosquitto())('alec-bridge monitor on a terminal', () => {
  it('follows the devices, obeys keys, and leaves the terminal as it was', async () => {
    const broker = await Mosquitto.start()
    onTestFinished(() => broker.stop())
    const bridge = await Observer.connect(broker.url)
    const say = (id: string, facts: object) => {
      const ts = new Date().toISOString()
      const well = { health: 'healthy', circuit: 'closed', sync: 'exact', since: ts, last_seen: ts }
      const document = {
        ts,
        ttl: 60,
        bridge: 'gw-test',
        cause: null,
        message: '',
        ...well,
        ...facts,
      }
      return bridge.publish(`alec/${id}/status`, JSON.stringify(document), { retain: true })
    }
    for (let n = 0; n < 100; n++) await say(`node-${n}`, {})
    const file = configFile(siteConfig({ brokerUrl: broker.url, overMqtt: ['shed'] }))
    const shown = onTerminal(file, 90, 12)
    await shown.until('all devices', ({ text }) => text[0]?.includes('● 100 healthy') ?? false)
    expect(shown.screen).toMatchObject({ isAlternate: true, hasCursor: false, hasColour: true })

    await say('node-70', { health: 'unhealthy', circuit: 'open', cause: 'foreign-state' })
    await shown.until('the worst one first', ({ text }) =>
      /^. node-70 {2}✖ unhealthy {2}open/.test(text[2] ?? ''),
    )
    await bridge.publish('alec/node-70/event', '{"ts":"T","type":"circuit_opened\\u001b[2J"}')
    shown.type(`g\r`)
    await shown.until('its events', ({ text }) =>
      text.some((line) => line.includes('circuit_opened?[2J')),
    )
    shown.type('\u001b')
    await shown.until('the table', ({ text }) => text[1]?.includes('device') ?? false)
    shown.type(`/node-3${'\r'}${DOWN}`)
    await shown.until('what fits', ({ text }) =>
      Boolean(text[11]?.includes('filter: node-3 (11 of 100)') && text[3]?.startsWith('> node-30')),
    )
    shown.type('\u001a')
    // It is stopped with the shell's screen in front of it. Here no shell could wake it: so it goes on.
    await shown.until('the table again', ({ isAlternate }) => {
      const [, between, after] = shown.raw.split('\u001b[?1049h')
      return Boolean(
        isAlternate && between?.includes('\u001b[?1049l') && after?.includes('node-30'),
      )
    })
    shown.resize(60, 8)
    await shown.until('the other size', ({ text }) => text[7]?.includes('(11 of 100)') ?? false)
    shown.type('q')
    expect(await shown.ended).toBe(0)
    expect(shown.screen).toMatchObject({ isAlternate: false, hasCursor: true, breaksLines: true })

    // Ended from outside, and without colours.
    const other = onTerminal(file, 90, 12, { NO_COLOR: '1', LANG: 'C', LC_ALL: '' })
    await other.until('the devices', ({ text }) => text[2]?.includes('X unhealthy') ?? false)
    expect(other.screen.hasColour).toBe(false)
    // Ended by a bug.
    const bug = "setTimeout(()=>{throw new Error('a bug')},2500)"
    const broken = onTerminal(file, 90, 12, {
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(bug)}`,
    })
    await broken.until('the devices', ({ text }) => text[2]?.includes('unhealthy') ?? false)
    expect(await broken.ended).toBe(70)
    expect(broken.screen).toMatchObject({ isAlternate: false, hasCursor: true, breaksLines: true })
    expect(broken.raw.split('\u001b[?1049l')[1]).toContain('a bug')
    await broker.stop()
    await other.until(
      'that nothing is heard',
      ({ text }) => text[0]?.includes('no broker listens') ?? false,
    )
    other.kill('SIGTERM')
    expect(await other.ended).toBe(0)
    expect(other.screen).toMatchObject({ isAlternate: false, hasCursor: true, breaksLines: true })
    await bridge.close()
  })

  it('does not touch the terminal where the broker does not let it in', async () => {
    const file = configFile(siteConfig({ brokerUrl: 'mqtt://127.0.0.1:1', overMqtt: ['shed'] }))
    const shown = onTerminal(file, 90, 12)
    expect(await shown.ended).toBe(69)
    expect(shown.raw).toContain('no broker listens there')
    expect(shown.raw).not.toContain('\u001b')
  })
})
