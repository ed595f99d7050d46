import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Line, PtyLink, type Random } from '../../firmware-sim/index.js'
import { systemClock } from '../../src/clock.js'
import type { LineFormat } from '../../src/framing/index.js'
import { createLineSource, type LineSource } from '../../src/transport/index.js'

export interface Replugs {
  /** From pulling the plug until the source is away, in milliseconds. */
  readonly noticed: readonly number[]
  /** From the terminal's return until the first frame comes, in milliseconds. */
  readonly returned: readonly number[]
  /** The codes that the source gave for being away after an unplug. */
  readonly codes: ReadonlySet<string>
}

const DEVICE = 'node'
const FORMAT: LineFormat = { framing: 'cobs', crc: 'crc32', address: 'none', maxFrame: 4096 }
const FRAME = Uint8Array.of(0xa2, 0, 1, 2, 3, 4)
const FRAME_MS = 10
/** A port that takes longer than this never comes. */
const LIMIT_MS = 20_000

/**
 * Unplugs a real pseudo-terminal in full flow and brings a new one back under the same name, again and
 * again, after random times of up to `longestAwayMs`.
 */
export async function measureReplugs(
  times: number,
  longestAwayMs: number,
  random: Random,
): Promise<Replugs> {
  const directory = mkdtempSync(join(tmpdir(), 'alec-replug-'))
  const path = join(directory, 'usb-adapter')
  const line = new Line('line', FORMAT, [{ device: DEVICE, address: -1 }])
  const link = new PtyLink(line, { symlink: path })
  const source = sourceAt(path, () => random.next())
  const watch = new Watch(source)
  const sending = setInterval(() => link.send(DEVICE, FRAME), FRAME_MS)
  const noticed: number[] = []
  const returned: number[] = []
  const codes = new Set<string>()
  try {
    await link.start(() => {})
    await watch.nextFrame()
    for (let cycle = 0; cycle < times; cycle++) {
      const pulled = performance.now()
      await link.stop()
      await watch.away()
      noticed.push(performance.now() - pulled)
      if (source.state.kind === 'away') codes.add(source.state.code)
      await new Promise((resolve) => setTimeout(resolve, random.below(longestAwayMs)))
      await link.start(() => {})
      const back = performance.now()
      await watch.nextFrame()
      returned.push(performance.now() - back)
    }
  } finally {
    clearInterval(sending)
    await source.stop()
    await link.stop()
    rmSync(directory, { recursive: true })
  }
  return { noticed, returned, codes }
}

const sourceAt = (path: string, random: () => number): LineSource =>
  createLineSource(
    {
      kind: 'serial',
      path,
      baudRate: 115_200,
      dataBits: 8,
      parity: 'none',
      stopBits: 1,
      flowControl: 'none',
      device: DEVICE,
      ...FORMAT,
    },
    { clock: systemClock, random },
  )

/** Waits for what a source does next. */
class Watch {
  readonly #source: LineSource
  #onFrame: () => void = () => {}
  #onAway: () => void = () => {}

  constructor(source: LineSource) {
    this.#source = source
    source.start({
      onFrame: () => {
        this.#onFrame()
        return true
      },
      onState: ({ kind }) => {
        if (kind === 'away') this.#onAway()
      },
      onUnknown: () => {},
    })
  }

  nextFrame(): Promise<void> {
    return within('a frame', (resolve) => {
      this.#onFrame = resolve
    })
  }

  away(): Promise<void> {
    if (this.#source.state.kind === 'away') return Promise.resolve()
    return within('the loss of the port', (resolve) => {
      this.#onAway = resolve
    })
  }
}

function within(what: string, begin: (resolve: () => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`waited in vain for ${what}`)), LIMIT_MS)
    begin(() => {
      clearTimeout(late)
      resolve()
    })
  })
}
