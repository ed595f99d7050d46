import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Mosquitto, withoutMosquitto } from '../support/mosquitto.js'
import { mulberry, testSeed } from '../support/mulberry.js'
import type { Program } from './program.js'
import { latest, observe, runBridge } from './running-bridge.js'
import { onBroker, type Reading, readingsOf, type SensorNode } from './sensor-node.js'

const CYCLES = 25
/** Every so many restarts the bridge is told to stop, and may save its state, instead of being killed. */
const ORDERLY = 5
const FRAMES = 20

type Doubt = Readonly<Record<string, { readonly value: number; readonly bound: number | null }>>

/** What a reading says that is not so: a good value that was not measured, or one outside its bound. */
function lies(node: SensorNode, reading: Reading & { readonly uncertain?: Doubt }): string[] {
  const [temperature = Number.NaN, humidity = Number.NaN] = node.measured.get(reading.seq) ?? []
  return Object.entries({ temperature, humidity }).flatMap(([name, measured]) => {
    const good = reading[name as 'temperature' | 'humidity']
    const doubt = reading.uncertain?.[name]
    const wrong = good !== undefined && good !== measured
    const outside = doubt?.bound != null && !(Math.abs(doubt.value - measured) <= doubt.bound)
    return wrong || outside
      ? [`seq ${reading.seq} ${name} was ${measured}: ${JSON.stringify(reading)}`]
      : []
  })
}

describe.skipIf(withoutMosquitto())('a bridge that is killed and restarted', () => {
  it(`says nothing wrong over ${CYCLES} restarts under load, and goes on where it was told to stop`, async () => {
    const random = mulberry(testSeed)
    const broker = await Mosquitto.start()
    onTestFinished(() => broker.stop())
    const stateDir = mkdtempSync(join(tmpdir(), 'alec-restart-'))
    onTestFinished(() => rmSync(stateDir, { recursive: true, force: true }))
    const observer = await observe(broker.url, 'alec/shed/readings', 'alec/bridge/state')
    const shed = await onBroker('shed', (await observe(broker.url)).client)
    const start = async (): Promise<Program> => {
      const from = observer.seen.length
      const bridge = runBridge(
        { brokerUrl: broker.url, overMqtt: ['shed'] },
        '--state-dir',
        stateDir,
      )
      await observer.until((seen) => seen.slice(from).some(({ payload }) => payload === 'online'))
      return bridge
    }
    const heard = () => readingsOf(observer, 'shed').length
    const sendAndHear = async (frames: number, atLeast: number) => {
      const before = heard()
      for (let i = 0; i < frames; i++) shed.send()
      await observer.until(() => heard() >= before + atLeast)
    }

    /** Keyframes come as they are asked for: until ten frames in a row are good. */
    const recover = async () => {
      const isGood = ({ quality }: Reading) => quality === 'good'
      for (let frames = 0; frames < 400; frames++) {
        await sendAndHear(1, 1)
        const last = readingsOf(observer, 'shed').slice(-10)
        if (frames >= 10 && last.every(isGood)) return
      }
      throw new Error('not good again after 400 frames')
    }

    let bridge = await start()
    // Old enough that no silence of this test can hide a restart of the device.
    await sendAndHear(150, 150)
    for (let cycle = 1; cycle <= CYCLES; cycle++) {
      const orderly = cycle % ORDERLY === 0
      if (orderly) await recover()
      else await sendAndHear(FRAMES, 1 + Math.floor(random() * FRAMES))
      bridge.signal(orderly ? 'SIGTERM' : 'SIGKILL')
      await bridge.ended()
      const requests = shed.downlinks.length
      const before = heard()
      // Sent while nobody listens: the broker keeps them.
      for (let i = 0; i < 3; i++) shed.send()
      bridge = await start()
      if (!orderly) continue
      await observer.until(() => heard() >= before + 3)
      await sendAndHear(FRAMES, FRAMES)
      const since = readingsOf(observer, 'shed').slice(before)
      expect(new Set(since.map(({ quality }) => quality)), `cycle ${cycle}`).toEqual(
        new Set(['good']),
      )
      expect(shed.downlinks.length, `cycle ${cycle}: no keyframe was asked for`).toBe(requests)
    }
    expect(latest(observer, 'alec/bridge/state')).toBe('online')
    const readings = readingsOf(observer, 'shed')
    expect(
      readings.flatMap((reading) => lies(shed, reading)),
      `seed ${testSeed}`,
    ).toEqual([])
    expect(readings.length).toBeGreaterThan(CYCLES * 5)
  }, 90_000)
})
