import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Mosquitto, withoutMosquitto } from '../support/mosquitto.js'
import { temporaryDirectory } from '../support/temporary-directory.js'
import { Program } from './program.js'
import { configFile, latest, observe, siteConfig } from './running-bridge.js'
import { goodOnes, onBroker, readingsOf } from './sensor-node.js'

describe.skipIf(withoutMosquitto())('alec-bridge capture and replay', () => {
  it('keep what came until a kill, and bring it to the decoder and to a bridge, value by value', async () => {
    const broker = await Mosquitto.start()
    onTestFinished(() => broker.stop())
    const file = configFile(siteConfig({ brokerUrl: broker.url, overMqtt: ['shed', 'roof'] }))
    const frames = join(temporaryDirectory('alec-frames-'), 'frames.txt')
    const { client } = await observe(broker.url)
    const shed = await onBroker('shed', client)
    const roof = await onBroker('roof', client)
    const lines = () => readFileSync(frames, 'utf8').match(/^2.*\n/gm) ?? []

    const capture = Program.start(['capture', frames, '-c', file])
    await capture.stderr.until('that it listens', ({ text }) => text.includes('listening at '))
    for (let n = 0; n < 20; n++) {
      shed.send()
      roof.send()
    }
    while (lines().length < 40) await new Promise(setImmediate)
    capture.kill()
    expect(await capture.ended()).toBe('SIGKILL')

    const decode = Program.start(['replay', frames, '-c', file, '--decode', '--device', 'shed'])
    expect(await decode.ended()).toBe(0)
    expect(decode.stdout.documents).toHaveLength(20)
    for (const { seq, device, values } of decode.stdout.documents) {
      const { temperature, humidity } = Object(values)
      expect([device, temperature.quality, humidity.quality]).toEqual(['shed', 'good', 'good'])
      expect([temperature.value, humidity.value]).toEqual(shed.measured.get(Number(seq)))
    }

    // A bridge that has never heard of them.
    Program.start(['run', '-c', file, '--for', '1min'])
    const observer = await observe(broker.url, 'alec/#')
    await observer.until(() => latest(observer, 'alec/bridge/state') === 'online')
    const replay = Program.start(['replay', frames, '-c', file, '--yes', '--as-fast-as-possible'])
    expect(await replay.ended()).toBe(0)
    expect(replay.stdout.text).toBe('published: 40 frames of 2 devices\n')
    await observer.until(
      () =>
        readingsOf(observer, 'shed').length === 20 && readingsOf(observer, 'roof').length === 20,
    )
    for (const node of [shed, roof])
      expect(goodOnes(node, readingsOf(observer, node.id))).toHaveLength(20)
  })
})
