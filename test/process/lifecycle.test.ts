import { createServer, type Socket } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { serviceFlags } from '../deployment/unit-file.js'
import { Program } from '../e2e/program.js'
import {
  brokerOf,
  configFile,
  latest,
  observe,
  runBridge,
  siteConfig,
} from '../e2e/running-bridge.js'
import { onBroker, readingsOf } from '../e2e/sensor-node.js'
import { Mosquitto, withoutMosquitto } from '../support/mosquitto.js'
import { temporaryDirectory } from '../support/temporary-directory.js'

describe('two bridges with one state directory', () => {
  it('F-46: the second ends with 74 and names the first, which goes on; its end frees the directory', async () => {
    const stateDir = temporaryDirectory('alec-lock-')
    const first = runBridge({ overMqtt: ['shed'] }, '--state-dir', stateDir)
    const url = await brokerOf(first)
    const second = runBridge({ overMqtt: ['shed'] }, '--state-dir', stateDir)
    expect(await second.ended()).toBe(74)
    expect(second.stderr.text).toContain(`${stateDir} is in use by process ${first.pid}`)
    expect(second.stdout.documents.some(({ msg }) => msg === 'bridge started')).toBe(false)
    const observer = await observe(url, 'alec/bridge/state')
    await observer.until((seen) => seen.some(({ payload }) => payload === 'online'))

    first.signal('SIGKILL')
    await first.ended()
    await brokerOf(runBridge({ overMqtt: ['shed'] }, '--state-dir', stateDir))
  })
})

/** A port that takes connections and never says a word. */
async function silentPort(): Promise<string> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => void sockets.add(socket.on('error', () => {})))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error('no port')
  return `mqtt://127.0.0.1:${address.port}`
}

/** Tells a bridge to stop and expects that it does, well and in time. */
async function expectStop(bridge: Program): Promise<void> {
  const asked = performance.now()
  bridge.signal('SIGTERM')
  expect(await bridge.ended(8000)).toBe(0)
  expect(performance.now() - asked).toBeLessThan(5000)
  expect(bridge.stderr.text).toMatch(/^(broker: .*\n)?$/)
  expect(bridge.stdout.documents.at(-1)?.msg).toBe('bridge stopped')
  expect(bridge.hasLeftovers).toBe(false)
}

describe('a bridge that is told to stop', () => {
  it('F-51: ends with 0 within five seconds where the broker takes the connection and says nothing', async () => {
    const bridge = runBridge({ brokerUrl: await silentPort(), overMqtt: ['shed'] })
    await bridge.stdout.until('start', ({ text }) => text.includes('bridge started'))
    await expectStop(bridge)
  })

  it.skipIf(withoutMosquitto())(
    'F-51: ends with 0 within five seconds where the broker has frozen with publishes unanswered',
    async () => {
      const broker = await Mosquitto.start()
      onTestFinished(() => broker.stop())
      const observer = await observe(broker.url, 'alec/#')
      const shed = await onBroker('shed', observer.client)
      const bridge = runBridge({ brokerUrl: broker.url, overMqtt: ['shed'] })
      await observer.until(() => latest(observer, 'alec/bridge/state') === 'online')
      shed.send()
      await observer.until(() => readingsOf(observer, 'shed').length === 1)
      broker.freeze()
      // It cannot tell the broker of the sweep's status any more.
      await expectStop(bridge)
    },
  )
})

describe.skipIf(withoutMosquitto())(
  'a bridge that is stopped by the system for seven seconds',
  () => {
    it('F-48: goes on at once: no burst, no device taken for silent, its links looked at', async () => {
      const broker = await Mosquitto.start()
      onTestFinished(() => broker.stop())
      const observer = await observe(broker.url, 'alec/#')
      const shed = await onBroker('shed', (await observe(broker.url)).client)
      const bridge = runBridge({ brokerUrl: broker.url, overMqtt: ['shed'] })
      await observer.until(() => latest(observer, 'alec/bridge/state') === 'online')
      // Old enough that no silence of this test can hide a restart of the device.
      for (let frame = 0; frame < 100; frame++) shed.send()
      await observer.until(() => readingsOf(observer, 'shed').length === 100)

      bridge.signal('SIGSTOP')
      shed.send()
      await new Promise((resolve) => setTimeout(resolve, 7_000))
      const from = observer.seen.length
      const awake = performance.now()
      bridge.signal('SIGCONT')
      const since = () => observer.seen.slice(from)
      await observer.until(() => since().some(({ topic }) => topic === 'alec/bridge/status'))
      await observer.until(() => readingsOf(observer, 'shed').length === 101)
      expect(performance.now() - awake).toBeLessThan(2000)
      shed.send()
      await observer.until(() => readingsOf(observer, 'shed').length === 102)

      const line = bridge.stdout.documents.find(({ passedMs }) => passedMs !== undefined)
      expect(line?.passedMs).toBeGreaterThanOrEqual(6000)
      expect(since().filter(({ topic }) => topic === 'alec/bridge/status').length).toBeLessThan(4)
      expect(since().some(({ payload }) => payload === 'offline' || payload === 'unhealthy')).toBe(
        false,
      )
      expect(readingsOf(observer, 'shed').every(({ quality }) => quality === 'good')).toBe(true)
      expect(JSON.parse(latest(observer, 'alec/bridge/status')).degradation).toBe('normal')
      expect(latest(observer, 'alec/shed/availability')).toBe('online')
      await expectStop(bridge)
    })
  },
)

describe('the flags of the service', () => {
  it('lets nobody reach __proto__ or make code of text, and everything works', async () => {
    const file = configFile(siteConfig({ overMqtt: ['shed'] }))
    const env = { NODE_OPTIONS: serviceFlags() }
    const bridge = Program.start(['run', '-c', file, '--broker-port', '0'], { env })
    const observer = await observe(await brokerOf(bridge), 'alec/#')
    const shed = await onBroker('shed', observer.client)
    await observer.until(() => latest(observer, 'alec/bridge/state') === 'online')
    shed.send()
    await observer.until(() => readingsOf(observer, 'shed').length === 1)
    await expectStop(bridge)
    const checked = Program.start(['check', '-c', file], { env })
    expect(await checked.ended()).toBe(0)
  })
})
