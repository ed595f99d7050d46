import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CompactEncoder, exportAlcs } from '../../src/alec/index.js'
import { systemClock } from '../../src/clock.js'
import { contextExport, contextImport, contextShow } from '../../src/commands/context.js'
import { explain } from '../../src/commands/explain.js'
import { loadConfiguration } from '../../src/config/index.js'
import { BridgeMemory, restoreFleet } from '../../src/control/index.js'
import { compileProfile, Fleet, type Verdict } from '../../src/device/index.js'
import { diskFiles, SnapshotStore, StateDirectoryLock } from '../../src/journal/index.js'
import { defaultBucketPolicy, defaultCircuitPolicy } from '../../src/resilience/index.js'
import { frameOf } from '../support/frames.js'
import { ManualClock } from '../support/manual-clock.js'
import { recordedIo } from '../support/recorded-io.js'
import { toHex } from '../support/vectors.js'

const DEVICE = 'greenhouse-1'
const INTERVAL = 60_000
const config = new URL('greenhouse.yaml', import.meta.url).pathname

let directory = ''
let stateDir = ''
let clock = new ManualClock()
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'alec-context-'))
  stateDir = join(directory, 'state')
  clock = new ManualClock()
})
afterEach(() => rmSync(directory, { recursive: true }))

/** A sensor node with an encoder, in the middle of its stream. */
class Node {
  readonly encoder = new CompactEncoder({ channels: 2 })
  #n = 0

  constructor(frames: number) {
    for (let i = 0; i < frames; i++) this.next()
  }

  next(): { readonly bytes: Uint8Array; readonly values: readonly number[] } {
    const n = this.#n++
    const values = [(200 + ((n * 7) % 13)) / 10, 40 + (n % 5)]
    return { bytes: this.encoder.encode(values), values }
  }

  /** The encoder's state in a file. */
  export(name = 'encoder.alcs'): string {
    const path = join(directory, name)
    writeFileSync(path, exportAlcs(this.encoder.context))
    return path
  }
}

type Outcome = { exit: number; out: string; err: string }
async function said(
  verb: (io: ReturnType<typeof recordedIo>) => Promise<number>,
): Promise<Outcome> {
  const io = recordedIo(directory)
  const exit = await verb(io)
  return { exit, out: io.out, err: io.err }
}
const show = (json = false) =>
  said((io) => contextShow(DEVICE, { config, stateDir, json }, io, clock))
const exportIt = (options: { output?: string; force?: boolean; json?: boolean } = {}) =>
  said((io) => contextExport(DEVICE, { config, stateDir, ...options }, io, clock))
const importIt = (file: string, age?: number) =>
  said((io) =>
    contextImport(DEVICE, file, { config, stateDir, ...(age !== undefined && { age }) }, io, clock),
  )

/** A bridge's fleet and its keeper, over the same state directory, for as long as `use` takes. */
async function running(use: (accept: (bytes: Uint8Array) => Verdict) => void | Promise<void>) {
  const loaded = loadConfiguration({ path: config, env: {}, cwd: directory })
  if (!loaded.ok) throw new Error('no configuration')
  const { models, devices } = loaded.configuration
  const verdicts: Verdict[] = []
  const fleet = new Fleet(
    {
      profiles: new Map(Array.from(models, ([name, model]) => [name, compileProfile(model)])),
      devices: new Map(Array.from(devices.values(), ({ id, model }) => [id, model])),
      policy: { circuit: defaultCircuitPolicy, flood: defaultBucketPolicy },
      unknownDevices: 'ignore',
      born: { mono: clock.mono(), wall: clock.wall() },
    },
    {
      onVerdict: (verdict) => verdicts.push(verdict),
      onAccepted: () => {},
      onInternalError: (_device, error) => {
        throw error
      },
    },
  )
  const memory = await BridgeMemory.open({
    directory: stateDir,
    files: diskFiles,
    clock,
    machine: { bootId: '', uptimeMs: () => clock.mono(), wallTrusted: () => true },
    durability: { kind: 'strict' },
    maxBytes: 1024 * 1024,
    log: { info: () => {}, warn: () => {}, error: () => {}, debug: () => {} },
  })
  await restoreFleet(memory, fleet)
  const times = () => ({ mono: memory.clock.mono(), wall: memory.clock.wall() })
  try {
    await use((bytes) => {
      fleet.accept({ ...frameOf(bytes, times().mono, DEVICE), wall: clock.wall() })
      return verdicts.at(-1)!
    })
  } finally {
    const { snapshots, journal } = memory
    const devices = fleet.save()
    await snapshots.save({ ordinal: journal.lastOrdinal + 1, ...times(), devices })
    await memory.close()
  }
}

const values = (verdict: Verdict): unknown =>
  verdict.kind === 'readings'
    ? verdict.channels.map(({ value, bound, quality }) => ({ value, bound, quality }))
    : verdict.kind
const exactly = (measured: readonly number[]) =>
  measured.map((value) => ({ value, bound: 0, quality: 'good' }))

describe('context import', () => {
  it('makes a device exact that the bridge has never heard', async () => {
    const node = new Node(70)
    expect(await importIt(node.export())).toMatchObject({ exit: 0, out: '' })
    await running((accept) => {
      for (let i = 0; i < 30; i++) {
        clock.advance(INTERVAL)
        const { bytes, values: measured } = node.next()
        expect(values(accept(bytes))).toEqual(exactly(measured))
      }
    })
    expect((await show()).out).toMatch(/^greenhouse-1: exact\nepoch 1, frame number 99, /)
  })

  it('reads hexadecimal digits as well', async () => {
    const node = new Node(70)
    const path = join(directory, 'encoder.hex')
    writeFileSync(path, `${toHex(exportAlcs(node.encoder.context))}\n`)
    expect((await importIt('encoder.hex')).exit).toBe(0)
    expect(JSON.parse((await show(true)).out)).toMatchObject({ sync: 'exact', seq: null })
  })

  it('helps a device that the bridge has lost', async () => {
    const node = new Node(70)
    await running((accept) => {
      expect(values(accept(node.next().bytes))).not.toEqual([])
    })
    expect((await show()).out).toMatch(/^greenhouse-1: unknown, started-mid-stream: /)
    expect((await importIt(node.export())).exit).toBe(0)
    clock.advance(INTERVAL)
    await running((accept) => {
      const { bytes, values: measured } = node.next()
      const verdict = accept(bytes)
      expect(values(verdict)).toEqual(exactly(measured))
      expect(verdict).toMatchObject({ epoch: 2, seq: 71 })
    })
  })

  it('takes an old state for an old state', async () => {
    const node = new Node(70)
    expect((await importIt(node.export(), 71 * INTERVAL)).exit).toBe(0)
    await running((accept) => {
      expect(accept(node.next().bytes)).toMatchObject({
        quality: 'uncertain',
        events: [{ type: 'state_unknown', cause: 'device-reboot' }],
      })
    })
  })

  it('refuses the state of another model, and changes nothing', async () => {
    const path = join(directory, 'other.alcs')
    const other = new CompactEncoder({ channels: 3, scale: 10 })
    other.encode([1, 2, 3])
    writeFileSync(path, exportAlcs(other.context))
    const { exit, err } = await importIt('other.alcs')
    expect(exit).toBe(65)
    expect(err).toContain(
      "other.alcs: its scale factor is 10, that of the model 100: check the model's scale\n",
    )
    expect(err).toContain(
      'other.alcs: it holds the keys 3, which are no channels of the model (1, 2)\n',
    )
    expect((await show()).exit).toBe(65)
  })

  it.each([
    ['damaged bytes', 'not an ALCS state', 65, /offset 0/],
    ['a file that is not there', undefined, 74, /ENOENT/],
  ])('refuses %s', async (_what, content, exit, message) => {
    const path = join(directory, 'x.alcs')
    if (content !== undefined) writeFileSync(path, content)
    const outcome = await importIt('x.alcs')
    expect(outcome.exit).toBe(exit)
    expect(outcome.err).toMatch(message)
  })
})

describe('context export', () => {
  it('writes what another bridge can go on from', async () => {
    const node = new Node(0)
    await running((accept) => {
      for (let i = 0; i < 60; i++) {
        clock.advance(INTERVAL)
        accept(node.next().bytes)
      }
    })
    expect(await exportIt({ output: 'device.alcs' })).toEqual({ exit: 0, out: '', err: '' })
    expect((await exportIt()).out).toBe(`${toHex(readFileSync(join(directory, 'device.alcs')))}\n`)
    stateDir = join(directory, 'elsewhere')
    expect((await importIt('device.alcs')).exit).toBe(0)
    await running((accept) => {
      clock.advance(INTERVAL)
      const { bytes, values: measured } = node.next()
      expect(values(accept(bytes))).toEqual(exactly(measured))
    })
  })

  it('refuses what is not known to the bit, and says what to do', async () => {
    const node = new Node(70)
    await running((accept) => void accept(node.next().bytes))
    const refused = await exportIt({ output: 'device.alcs' })
    expect(refused.exit).toBe(65)
    expect(refused.err.trimEnd().split('\n')).toEqual([
      expect.stringMatching(
        /^channel temperature: its last value lies somewhere from \S+ to \S+ \(\S+ wide\)$/,
      ),
      expect.stringMatching(/^channel humidity: its last value lies somewhere from /),
      expect.stringMatching(/^its next evolution is known to 100 observations only/),
      expect.stringMatching(
        /^not exported, as this is not the state of the encoder; --force exports .*, which no bridge imports$/,
      ),
      expect.stringMatching(/^with the bridge running: ask it for a keyframe \(device\/resync\), /),
    ])
    expect(() => readFileSync(join(directory, 'device.alcs'))).toThrow('ENOENT')
  })

  it('writes a guess by force, which no bridge takes for the state of the encoder', async () => {
    const node = new Node(70)
    await running((accept) => void accept(node.next().bytes))
    const forced = await exportIt({ force: true, json: true })
    expect(forced.exit).toBe(0)
    expect(JSON.parse(forced.out)).toMatchObject({
      device: DEVICE,
      alcs: /^414c4353/,
      doubts: { length: 3 },
    })
    expect((await exportIt({ force: true, output: 'guess.alcs' })).exit).toBe(0)
    stateDir = join(directory, 'elsewhere')
    const { exit, err } = await importIt('guess.alcs')
    expect(exit).toBe(65)
    expect(err).toMatch(/^guess\.alcs: a bridge exported it by force, as the nearest guess: /)
    expect((await show()).exit).toBe(65)
  })

  it('has nothing to write of a device that was never heard', async () => {
    const { exit, err } = await exportIt()
    expect(exit).toBe(65)
    expect(err).toContain(`device ${DEVICE}: nothing is known of it (${stateDir})`)
  })
})

describe('context show', () => {
  it('shows each channel for people', async () => {
    const node = new Node(70)
    await importIt(node.export())
    // Between the two commands some real time has passed.
    const shown = (await show()).out.replace(/imported \S+Z/, 'imported (a moment ago)')
    expect(shown).toBe(
      [
        'greenhouse-1: exact',
        'epoch 1, imported (a moment ago), no frame since, context version 141, never heard',
        'channel      key  state  last value  average      observed',
        'temperature    1  exact  20.2        20.44182748  3 or more',
        'humidity       2  exact  44          42.67678771  3 or more',
        '',
      ].join('\n'),
    )
  })

  it('and for machines', async () => {
    const node = new Node(70)
    await importIt(node.export())
    const { context } = node.encoder
    const shown = JSON.parse((await show(true)).out)
    expect(clock.wall() - shown.importedAt).toBeLessThan(10_000)
    expect(shown).toMatchObject({
      device: DEVICE,
      sync: 'exact',
      cause: null,
      epoch: 1,
      seq: null,
      version: 141,
      lastSeen: null,
      channels: [
        {
          name: 'temperature',
          key: 1,
          exact: true,
          poisoned: false,
          contradictions: [],
          last: { lo: context.last(1), hi: context.last(1) },
          average: { point: context.ema(1) },
          prediction: { by: 'average', point: context.ema(1) },
        },
        { name: 'humidity', key: 2 },
      ],
    })
  })

  it('shows what is in doubt', async () => {
    const node = new Node(70)
    await running((accept) => void accept(node.next().bytes))
    expect((await show()).out).toMatch(
      /temperature +1 +not exact +-?[\d.]+ … [\d.]+ +-?[\d.]+ … [\d.]+ +3 or more\n/,
    )
  })

  it('does not take what was kept under another model', async () => {
    await running(() => {})
    const store = new SnapshotStore({ directory: stateDir, files: diskFiles, clock })
    const { snapshot } = await store.load()
    const kept = { ...(new Map(snapshot?.devices).get(DEVICE) as object), model: 'another' }
    await store.save({ ...snapshot!, ordinal: 9, devices: new Map([[DEVICE, kept]]) })
    const { exit, err } = await show()
    expect([exit, err]).toEqual([
      65,
      `device ${DEVICE}: it was kept under another model, and does not hold any more (${stateDir})\n`,
    ])
  })
})

describe('the state directory', () => {
  it('is left alone while a bridge runs', async () => {
    clock = new ManualClock()
    await importIt(new Node(70).export())
    const lock = new StateDirectoryLock({ directory: stateDir, clock: systemClock })
    await lock.acquire()
    const outcomes = [await show(), await exportIt(), await importIt(new Node(9).export())]
    await lock.release()
    for (const { exit, out, err } of outcomes) {
      expect([exit, out]).toEqual([74, ''])
      expect(err).toBe(`the state directory ${stateDir} is in use by process ${process.pid}\n`)
    }
    expect((await show()).out).toContain('context version 141')
  })

  it('is named by the configured devices only', async () => {
    const { exit, err } = await said((io) =>
      contextShow('nowhere', { config, stateDir }, io, clock),
    )
    expect(exit).toBe(64)
    expect(err).toContain('there is no device "nowhere"')
  })
})

describe('explain with a state directory', () => {
  const explained = async (hex: readonly string[]) => {
    const { out, ...rest } = await said((io) =>
      explain(hex, { config, device: DEVICE, stateDir, json: true }, io, clock),
    )
    const lines = out.split('\n').filter((line) => line !== '')
    return { ...rest, frames: lines.map((line) => JSON.parse(line)) }
  }

  it('goes on from the saved state, also while a bridge runs, and leaves it as it is', async () => {
    const node = new Node(0)
    await running((accept) => {
      for (let i = 0; i < 60; i++) {
        clock.advance(INTERVAL)
        accept(node.next().bytes)
      }
    })
    const [next, afterNext] = [node.next(), node.next()]
    await running(async () => {
      for (let round = 0; round < 2; round++) {
        const { exit, frames } = await explained([toHex(next.bytes), toHex(afterNext.bytes)])
        expect(exit).toBe(0)
        expect(frames).toMatchObject([
          { seq: 60, sync: 'exact', continuity: { kind: 'continues', lost: 0 }, quality: 'good' },
          { seq: 61, channels: [{ value: afterNext.values[0] }, { value: afterNext.values[1] }] },
        ])
      }
    })
  })

  it('goes on from an imported state and says so', async () => {
    const node = new Node(70)
    await importIt(node.export())
    node.next()
    const { frames } = await explained([toHex(node.next().bytes)])
    expect(frames).toMatchObject([{ imported: true, continuity: { kind: 'continues', lost: 1 } }])
  })

  it('says where there is no saved state', async () => {
    const { exit, err } = await explained(['a1'])
    expect([exit, err]).toEqual([65, `device ${DEVICE} is not in that state: ${stateDir}\n`])
  })
})
