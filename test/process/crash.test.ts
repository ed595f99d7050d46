import { describe, expect, it, onTestFinished } from 'vitest'
import { Crash } from '../../src/commands/crash.js'
import { Program } from '../e2e/program.js'
import { brokerOf, configFile, observe, siteConfig } from '../e2e/running-bridge.js'
import { onLine, readingsOf } from '../e2e/sensor-node.js'
import { Mosquitto, withoutMosquitto } from '../support/mosquitto.js'
import { TcpLine } from '../support/tcp-line.js'
import { temporaryDirectory } from '../support/temporary-directory.js'

const PLANTED = new URL('throw-on-signal.mjs', import.meta.url).href
const BEHIND_SLOW_DISK = new URL('throw-behind-slow-disk.mjs', import.meta.url).href

/** A crash whose end the test sees, with a timer that it fires itself. */
function crashing() {
  const said: string[] = []
  const codes: number[] = []
  let late = () => {}
  const crash = new Crash({
    stderr: (text) => said.push(text),
    exit: (code) => codes.push(code),
    setTimer: (_delayMs, fire) => {
      late = fire
      return () => {}
    },
  })
  return { crash, said, codes, late: () => late() }
}
const settled = () => new Promise<void>((resolve) => setImmediate(resolve))

describe('a bug that nothing caught', () => {
  it('F-52: is said, what can be made safe is, and the process ends with 70', async () => {
    const { crash, said, codes } = crashing()
    let made: () => void = () => {}
    crash.onCrash(() => new Promise<void>((resolve) => (made = resolve)))
    crash.crash(new Error('planted'))
    await settled()
    expect(said.join('')).toMatch(/^unexpected failure: Error: planted\n\s+at /)
    expect(codes).toEqual([])
    made()
    await settled()
    expect(codes).toEqual([70])
  })

  it('F-52: ends the process all the same where that fails, hangs, or breaks in turn', async () => {
    const failing = crashing()
    failing.crash.onCrash(() => Promise.reject(new Error('disk')))
    failing.crash.onCrash(() => {
      throw new Error('at once')
    })
    failing.crash.crash('no error at all')
    await settled()
    expect(failing.codes).toEqual([70])

    const hanging = crashing()
    hanging.crash.onCrash(() => new Promise(() => {}))
    hanging.crash.crash(new Error('planted'))
    await settled()
    expect(hanging.codes).toEqual([])
    hanging.late()
    expect(hanging.codes).toEqual([70])

    const twice = crashing()
    twice.crash.onCrash(() => new Promise(() => {}))
    twice.crash.crash(new Error('first'))
    twice.crash.crash(new Error('second'))
    expect(twice.codes).toEqual([70])
  })

  it('asks nobody who has taken it back', async () => {
    const { crash, codes } = crashing()
    crash.onCrash(() => expect.fail('it was taken back'))()
    crash.crash(new Error('planted'))
    await settled()
    expect(codes).toEqual([70])
  })
})

describe('a bridge with a bug', () => {
  it.each([
    ['thrown', 'bug'],
    ['rejected', 'rejection'],
  ])('F-52: logs what is %s as its last word, and ends with 70', async (_what, kind) => {
    const bridge = Program.start(
      ['run', '-c', configFile(siteConfig({ overMqtt: ['shed'] })), '--broker-port', '0'],
      { env: { NODE_OPTIONS: `--import=${PLANTED}`, BUG: kind } },
    )
    await brokerOf(bridge)
    bridge.signal('SIGUSR2')
    expect(await bridge.ended(5000)).toBe(70)
    expect(bridge.stdout.documents.at(-1)).toMatchObject({
      level: 60,
      err: { message: `planted ${kind}`, stack: expect.stringContaining('throw-on-signal') },
    })
    expect(bridge.stderr.text).toContain(`unexpected failure: Error: planted ${kind}`)
  })
})

describe.skipIf(withoutMosquitto())('a bridge that is started again after a bug', () => {
  it('F-52: goes on in the same epoch, with what it had heard and its disk had not taken', async () => {
    const broker = await Mosquitto.start()
    onTestFinished(() => broker.stop())
    const observer = await observe(broker.url, 'alec/shed/readings', 'alec/bridge/state')
    const line = await TcpLine.listen()
    onTestFinished(() => line.close())
    const shed = onLine('shed', line)
    const file = configFile(siteConfig({ brokerUrl: broker.url, lines: { shed: line.url } }))
    const stateDir = temporaryDirectory('alec-crash-')
    const start = async (env: Readonly<Record<string, string>>) => {
      const from = observer.seen.length
      const connected = line.connected()
      const bridge = Program.start(['run', '-c', file, '--state-dir', stateDir], { env })
      await observer.until((seen) => seen.slice(from).some(({ payload }) => payload === 'online'))
      await connected
      return bridge
    }
    const said = (bridge: Program, words: string) =>
      bridge.stderr.until(words, ({ text }) => text.includes(words) || undefined)
    const first = await start({
      NODE_OPTIONS: `--import=${BEHIND_SLOW_DISK}`,
      LINE_PORT: String(line.port),
    })
    for (let frame = 0; frame < 10; frame++) shed.send()
    await observer.until(() => readingsOf(observer, 'shed').length === 10)
    first.signal('SIGUSR2')
    await said(first, 'armed')
    // The disk has this one and does not say so; the other one waits behind it.
    shed.send()
    await said(first, 'held up')
    shed.send()
    expect(await first.ended(5000)).toBe(70)
    await start({})
    shed.send()
    await observer.until(() => readingsOf(observer, 'shed').some(({ seq }) => seq === 12))
    const readings = readingsOf(observer, 'shed')
    expect([...new Set(readings.map(({ seq }) => seq))]).toEqual([...shed.measured.keys()])
    expect(new Set(readings.map(({ epoch }) => epoch)).size).toBe(1)
    expect(readings.every(({ quality }) => quality === 'good')).toBe(true)
  })
})
