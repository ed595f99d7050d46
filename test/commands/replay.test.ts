import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { CompactEncoder, encodeAggregated } from '../../src/alec/index.js'
import { captureLine } from '../../src/capture/capture-line.js'
import { type ReplayOptions, replay } from '../../src/commands/replay.js'
import { ReplayPace } from '../../src/commands/replay-pace.js'
import {
  defaultBucketPolicy,
  FULL_BUCKET,
  hasToken,
  takeToken,
} from '../../src/resilience/index.js'
import { siteConfig } from '../e2e/running-bridge.js'
import { MeasuredDevice } from '../support/measured-device.js'
import { Mosquitto, withoutMosquitto } from '../support/mosquitto.js'
import { Page } from '../support/page.js'
import { recordedIo } from '../support/recorded-io.js'
import { temporaryDirectory } from '../support/temporary-directory.js'
import { Observer } from '../transport/observer.js'

const WALL = Date.UTC(2026, 10, 27, 7, 30)
const at = (seconds: number) => new Date(WALL + seconds * 1000).toISOString()
const lineOf = (device: string, bytes: Uint8Array, seconds: number) =>
  captureLine({ device, bytes, wall: WALL + seconds * 1000, integrity: 'mqtt' }, seconds * 1000)

/** Frames of one device, one a second: its temperature rises by a tenth each time. */
function captured(device: string, frames: number): string[] {
  const encoder = new CompactEncoder({ channels: 2 })
  return Array.from({ length: frames }, (_, n) =>
    lineOf(device, encoder.encode([Number((20 + n / 10).toFixed(1)), 50]), n),
  )
}

interface Run {
  readonly options: ReplayOptions
  /** The capture; where it stands in no file it comes on standard input. */
  readonly text: string
  readonly onStdin?: boolean
  /** A terminal on which somebody answers so. */
  readonly answer?: string
}

async function replayed(document: object, { options, text, onStdin, answer }: Run) {
  const cwd = temporaryDirectory('alec-replay-')
  writeFileSync(join(cwd, 'alec-bridge.yaml'), stringify(document))
  writeFileSync(join(cwd, 'frames.txt'), text)
  const io = recordedIo(cwd)
  const input = onStdin ? text : (answer ?? '')
  const code = await replay(onStdin ? '-' : 'frames.txt', options, {
    ...io,
    stdin: Readable.from([input]),
    columns: answer === undefined ? undefined : 80,
  })
  return { code, out: io.out, err: io.err, told: () => documents(io.out) }
}

const documents = (out: string): Record<string, unknown>[] =>
  out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))

const OFFLINE = siteConfig({ brokerUrl: 'mqtt://127.0.0.1:1', overMqtt: ['shed', 'roof'] })

describe('replay --decode', () => {
  it('prints what decode prints, with the device and the time of each frame', async () => {
    const [first = '', second = ''] = captured('shed', 2)
    const { code, told, err } = await replayed(OFFLINE, {
      options: { decode: true },
      text: `# alec-bridge capture 1\n${first}${second}`,
    })
    const reading = (value: number) => ({ value, bound: 0, quality: 'good' })
    expect([code, err]).toEqual([0, ''])
    expect(told()).toEqual([
      {
        frame: 1,
        ts: at(0),
        device: 'shed',
        verdict: 'readings',
        kind: 'compact',
        seq: 0,
        values: { temperature: reading(20), humidity: reading(50) },
      },
      {
        frame: 2,
        ts: at(1),
        device: 'shed',
        verdict: 'readings',
        kind: 'compact',
        seq: 1,
        values: { temperature: reading(20.1), humidity: reading(50) },
      },
    ])
  })

  it('takes the times that were recorded: after a silence a restart may have gone unseen', async () => {
    const [first = '', second = ''] = captured('shed', 2)
    const late = second.replace(`${at(1)} 1.000`, `${at(90)} 90.000`)
    expect(late).not.toBe(second)
    const qualities = async (text: string) => {
      const { told } = await replayed(OFFLINE, { options: { decode: true }, text })
      return told().map(({ values }) => Object(values).temperature.quality)
    }
    expect(await qualities(first + second)).toEqual(['good', 'good'])
    expect(await qualities(first + late)).toEqual(['good', 'uncertain'])
  })

  it('decodes what came before the wanted time too, and prints the rest', async () => {
    const text = [...captured('shed', 9), ...captured('roof', 9)].sort().join('')
    const options = { decode: true, device: ['shed'], from: WALL + 3000, until: WALL + 5000 }
    const { told } = await replayed(OFFLINE, { options, text, onStdin: true })
    expect(
      told().map(({ device, ts, values }) => [device, ts, Object(values).temperature]),
    ).toEqual(
      [3, 4, 5].map((n) => [
        'shed',
        at(n),
        { value: Number((20 + n / 10).toFixed(1)), bound: 0, quality: 'good' },
      ]),
    )
  })

  it('says by file and line what it cannot read, skips it, and ends with 65', async () => {
    const [first = '', second = '', third = ''] = captured('shed', 3)
    const text = `${first}# a remark\nrubbish\n${second}${third.slice(0, -9)}`
    const { code, told, err } = await replayed(OFFLINE, { options: { decode: true }, text })
    expect(code).toBe(65)
    expect(told()).toHaveLength(2)
    expect(err).toBe(
      'frames.txt:3: 1 fields, and a frame has 6; skipped\n' +
        'frames.txt:5: the last line is not complete: whoever wrote it was stopped; skipped\n',
    )
    // To have been stopped is no fault.
    const torn = await replayed(OFFLINE, { options: { decode: true }, text: `${first}x` })
    expect(torn.code).toBe(0)
  })

  it('says of devices that are not configured, and of frames that are none', async () => {
    const foreign = captured('barn', 2).join('')
    const broken = lineOf('shed', Uint8Array.of(0xa1, 0), 9)
    const options = { decode: true }
    const { code, told, err } = await replayed(OFFLINE, { options, text: foreign + broken })
    expect([code, err]).toEqual([65, 'barn: not in the configuration; 2 frames skipped\n'])
    expect(told()).toMatchObject([{ verdict: 'fault', fault: { code: 'truncated' } }])
  })

  it('takes a gateway’s aggregated frame apart, each part under the device that it is of', async () => {
    const channels = [{ name: 'level', source: 1, resolution: 0.1 }]
    const site = {
      ...OFFLINE,
      models: { tank: { frames: 'standard', checksum: true, interval: '1s', channels } },
      devices: { 'gw-a': { model: 'tank' }, 'gw-b': { model: 'tank' } },
    }
    const { bytes } = new MeasuredDevice('single', 1, 1).next()
    const both = encodeAggregated(['a', 'b'].map((id) => ({ id, data: bytes })))
    const { code, told } = await replayed(site, {
      options: { decode: true },
      text: lineOf('gw', both, 0),
    })
    expect(code).toBe(0)
    expect(told()).toMatchObject([
      { frame: 1, device: 'gw-a', verdict: 'readings', kind: 'standard' },
      { frame: 1, device: 'gw-b', verdict: 'readings', kind: 'standard' },
    ])
  })

  it('reads and prints what the page about captures shows', async () => {
    const page = new Page('docs/capture-format.md')
    const site = parse(new Page('README.md').block('yaml', 'yaml-language-server'))
    const text = page.block('text', '# alec-bridge capture')
    const { code, out } = await replayed(site, { options: { decode: true }, text })
    expect([code, out]).toEqual([0, page.block('json', '"verdict":"readings"')])
  })
})

describe.skipIf(withoutMosquitto())('replay to a broker', () => {
  let broker: Mosquitto
  beforeAll(async () => {
    broker = await Mosquitto.start()
  })
  afterAll(() => broker.stop())

  const site = () =>
    siteConfig({
      brokerUrl: broker.url,
      sections: {
        sources: [
          {
            mqtt: { topic: 'plant/{device}/hex', payload: { encoding: 'hex' }, device: undefined },
          },
          {
            mqtt: {
              topic: 'net/+/{device}/up/#',
              payload: { json: 'uplink.data', encoding: 'base64' },
              devices: { '70b3d57e': 'field' },
            },
          },
          {
            mqtt: {
              topic: 'one/topic',
              device: 'pump',
              payload: { json: 'b', encoding: 'binary' },
            },
          },
          { serial: { path: '/dev/none', device: 'cellar' } },
        ],
        devices: Object.fromEntries(
          ['shed', 'field', 'pump', 'cellar'].map((id) => [id, { model: 'climate' }]),
        ),
      },
    })

  it('publishes each frame where and how the source of its device takes it', async () => {
    const observer = await Observer.of(broker.url, '#')
    const bytes = Uint8Array.of(0xa1, 0, 1)
    const text = ['shed', 'field', 'pump'].map((id, n) => lineOf(id, bytes, n * 0.01)).join('')
    const { code, out, err } = await replayed(site(), { options: { yes: true }, text })
    await observer.until((seen) => seen.length === 3)
    expect([code, out, err]).toEqual([0, 'published: 3 frames of 3 devices\n', ''])
    expect(observer.seen.map(({ topic, payload }) => [topic, payload])).toEqual([
      ['plant/shed/hex', 'a10001'],
      ['net/replay/70b3d57e/up/replay', '{"uplink":{"data":"oQAB"}}'],
      ['one/topic', '{"b":[161,0,1]}'],
    ])
    await observer.close()
  })

  it('says of what it has not published, and takes the devices and times that are wanted', async () => {
    const observer = await Observer.of(broker.url, 'plant/#', 'mark')
    const text = [...captured('shed', 20), 'rubbish\n'].join('')
    const options = { yes: true, json: true, asFastAsPossible: true, from: WALL + 18_000 }
    const { code, told } = await replayed(site(), { options, text, onStdin: true })
    await observer.publish('mark', '')
    await observer.until((seen) => seen.some(({ topic }) => topic === 'mark'))
    expect(observer.topics).toEqual(['plant/shed/hex', 'plant/shed/hex', 'mark'])
    expect([code, told()]).toEqual([
      65,
      [{ ok: true, frames: 2, devices: 1, skipped: { lines: 1, devices: {} } }],
    ])
    await observer.close()
  })

  it('says of devices that no topic leads to: those of serial lines', async () => {
    const site = siteConfig({ brokerUrl: broker.url, lines: { barn: '/dev/none' } })
    const text = captured('barn', 2).join('')
    const { code, out, err } = await replayed(site, { options: { yes: true }, text })
    expect([code, out]).toEqual([65, 'published: 0 frames of 0 devices\n'])
    expect(err).toBe('barn: no MQTT source of the configuration brings its frames; 2 skipped\n')
  })

  it('asks before it publishes, and where nobody can be asked it does nothing', async () => {
    const observer = await Observer.of(broker.url, '#')
    const text = captured('shed', 1).join('')
    const no = await replayed(site(), { options: {}, text, answer: 'n\n' })
    const nobody = await replayed(site(), { options: {}, text })
    const yes = await replayed(site(), { options: {}, text, answer: 'y\n' })
    expect([no.code, nobody.code, yes.code]).toEqual([0, 64, 0])
    expect(no.out).toContain('as if their devices sent them now? [y/N] nothing was published\n')
    expect(nobody.err).toContain('--yes')
    await observer.publish('mark', '')
    await observer.until((seen) => seen.some(({ topic }) => topic === 'mark'))
    expect(observer.topics).toEqual(['plant/shed/hex', 'mark'])
    await observer.close()
  })
})

describe('replay', () => {
  it.each<[ReplayOptions, string]>([
    [{ speed: 2, asFastAsPossible: true }, 'give one of them'],
    [{ decode: true, speed: 2 }, 'the times that were recorded'],
  ])('says what does not go together: %j', async (options, words) => {
    const { code, err } = await replayed(OFFLINE, { options, text: '' })
    expect([code, err.includes(words)]).toEqual([64, true])
  })

  it('ends with 69 where no broker is, and with 74 where no file is', async () => {
    const text = captured('shed', 1).join('')
    expect((await replayed(OFFLINE, { options: { yes: true }, text })).code).toBe(69)
    const cwd = temporaryDirectory('alec-replay-')
    writeFileSync(join(cwd, 'alec-bridge.yaml'), stringify(OFFLINE))
    const io = recordedIo(cwd)
    expect(await replay('none.txt', { decode: true }, io)).toBe(74)
    expect(io.err).toContain('no such file')
  })
})

describe('the pace of a replay', () => {
  const limits = {
    framesPerSecond: 50,
    burst: 200,
    portFramesPerSecond: 5000,
    portBurst: 10_000,
    queueBytes: 1,
  }
  const frameAt = (device: string, mono: number) => ({
    device,
    mono,
    wall: WALL + mono,
    bytes: Uint8Array.of(1),
    integrity: 'mqtt' as const,
  })

  it('is that of the capture, or so many times as fast', () => {
    const [slow, fast] = [new ReplayPace(1, limits), new ReplayPace(10, limits)]
    const monos = [70_000, 70_500, 71_000, 75_000]
    expect(monos.map((mono) => slow.dueOf(frameAt('a', mono)))).toEqual([0, 500, 1000, 5000])
    expect(monos.map((mono) => fast.dueOf(frameAt('a', mono)))).toEqual([0, 50, 100, 500])
  })

  it('is never faster than what the bridge lets a device and a source send', () => {
    const pace = new ReplayPace(Number.POSITIVE_INFINITY, limits)
    const device = { ...defaultBucketPolicy }
    const source = { perSecond: limits.portFramesPerSecond, burst: limits.portBurst }
    const fullAt = new Map<string, number>()
    let sourceFullAt = FULL_BUCKET
    let last = 0
    for (let n = 0; n < 60_000; n++) {
      const id = `node-${n % 150}`
      const due = pace.dueOf(frameAt(id, n))
      if (due < last) throw new Error(`frame ${n} would come before the one before it`)
      last = due
      // As much earlier or later as it may come on its way.
      const now = due + (n % 7) - 3
      const mine = fullAt.get(id) ?? FULL_BUCKET
      if (!hasToken(mine, now, device)) throw new Error(`frame ${n} would be dropped as a flood`)
      if (!hasToken(sourceFullAt, now, source)) throw new Error(`frame ${n} would flood the source`)
      fullAt.set(id, takeToken(mine, now, device))
      sourceFullAt = takeToken(sourceFullAt, now, source)
    }
    // 60 000 frames, of which the source takes 4500 a second after a burst of half of 10 000.
    expect(last).toBeGreaterThan(11_000)
    expect(last).toBeLessThan(13_000)
  })
})
