import { describe, expect, it, onTestFinished } from 'vitest'
import { Program } from '../e2e/program.js'
import { configFile, latest, observe, siteConfig } from '../e2e/running-bridge.js'
import { Mosquitto, withoutMosquitto } from '../support/mosquitto.js'

/** How the verb ends, and what it says. */
async function healthcheck(file: string): Promise<[code: unknown, said: string]> {
  const verb = Program.start(['healthcheck', '-c', file, '--timeout', '3s'])
  return [await verb.ended(), verb.stdout.text + verb.stderr.text]
}

describe.skipIf(withoutMosquitto())('alec-bridge healthcheck, beside a bridge', () => {
  it('tells a bridge that runs from one that was never there, was killed, or lost its broker', async () => {
    const broker = await Mosquitto.start()
    onTestFinished(() => broker.stop())
    const observer = await observe(broker.url, 'alec/bridge/state')
    const file = configFile(siteConfig({ brokerUrl: broker.url, overMqtt: ['shed'] }))
    const never = 'the broker does not answer, or has no alec/bridge/state and alec/bridge/status\n'
    expect(await healthcheck(file)).toEqual([69, never])

    const bridge = Program.start(['run', '-c', file, '--for', '1min'])
    await observer.until(() => latest(observer, 'alec/bridge/state') === 'online')
    const well = expect.stringMatching(/^ok: gw-test is online, healthy, reported \d s ago\n$/)
    expect(await healthcheck(file)).toEqual([0, well])
    // It has not put the bridge out.
    expect(observer.seen.map(({ payload }) => payload)).toEqual(['online'])

    bridge.signal('SIGKILL')
    await observer.until(() => latest(observer, 'alec/bridge/state') === 'offline')
    expect(await healthcheck(file)).toEqual([69, 'gw-test is offline\n'])

    await broker.kill()
    const [code, said] = await healthcheck(file)
    expect(code).toBe(69)
    expect(said).toContain(`127.0.0.1:${broker.port}`)
  })
})
