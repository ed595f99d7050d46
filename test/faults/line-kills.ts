import { mulberry } from '../support/mulberry.js'
import { keptFrames } from './kept-frames.js'
import type { Ledger } from './ledger.js'
import { Pace, pause, within } from './pace.js'
import { TerminalSite } from './terminal-site.js'

export interface LineKillsOptions {
  readonly kills: number
  readonly devices: number
  /** Frames a second of all devices together. */
  readonly rate: number
  readonly seed: number
  /**
   * `flow`: the devices never stop, and the end comes at any moment. `held`: the broker answers nobody, the devices stop before
   * the end, and go on after it: all that they sent is in the journal alone.
   */
  readonly when: 'flow' | 'held'
}

export interface LineKillsOutcome {
  readonly ledger: Ledger
  readonly frames: number
  /** Frames that the journal held after a kill, and of which no reading had come by then. */
  readonly saved: number
  /** `device seq` of frames that the journal held after a kill, and of which no reading ever came. */
  readonly lost: readonly string[]
  /** The most readings that came again after one kill. */
  readonly repeatedMost: number
  readonly requests: number
}

/** Kills a bridge whose devices send on real pseudo-terminals, and looks into its journal each time: what is in it was accepted. */
export async function lineKillCourse(options: LineKillsOptions): Promise<LineKillsOutcome> {
  const { kills, devices, rate, seed, when } = options
  const random = mulberry(seed)
  const site = await TerminalSite.prepare(devices)
  const { ledger, bridge, broker } = site
  const accepted = new Set<string>()
  const missing = () =>
    [...accepted].filter((name) => {
      const [device = '', seq] = name.split(' ')
      return Number(seq) >= ledger.from(device) && !ledger.has(device, Number(seq))
    })
  const pace = new Pace(rate, () => site.send(random()))
  let saved = 0
  let repeatedMost = 0
  try {
    await site.start()
    await site.warmUp()
    pace.start()
    // Old enough that no silence can hide a restart of a device.
    await within(20_000, () => ledger.readings > 50 * devices)
    for (let kill = 0; kill < kills; kill++) {
      if (when === 'held') broker.freeze()
      await pause(100 + random() * 400)
      if (when === 'held') {
        pace.stop()
        // What was sent is read and safe, on a busy machine too.
        await pause(500)
      }
      await bridge.end('SIGKILL')
      broker.thaw()
      await pause(50)
      for (const { device, bytes } of await keptFrames(bridge.stateDir)) {
        accepted.add(site.nameOf(device, bytes))
      }
      saved += missing().length
      ledger.incident()
      const before = ledger.repeated
      await site.start()
      pace.start()
      await within(10_000, () => missing().length === 0)
      repeatedMost = Math.max(repeatedMost, ledger.repeated - before)
    }
    pace.stop()
    await within(10_000, () => missing().length === 0)
    // The last readings of what is not held to be accepted, too: they may be wrong.
    await pause(300)
    const { frames, requests } = site
    return { ledger, frames, saved, lost: missing(), repeatedMost, requests }
  } finally {
    pace.stop()
    await site.close()
  }
}
