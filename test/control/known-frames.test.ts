import { describe, expect, it } from 'vitest'
import { KNOWN_FRAMES, KnownFrames } from '../../src/control/known-frames.js'
import { frameOf } from '../support/frames.js'
import { INTERVAL } from '../support/measured-device.js'
import { JournalRig, measuredDevices } from './journal-rig.js'

const frame = (n: number, device = 'd1') => frameOf(Buffer.from([0xa1, n >> 8, n]), n, device)

describe('F-27: a frame that is delivered again', () => {
  it('is known among the last few thousand, by device and every byte', () => {
    const known = new KnownFrames()
    for (let n = 0; n < 3 * KNOWN_FRAMES; n++) known.add(frame(n))
    expect(known.has(frame(3 * KNOWN_FRAMES - 1))).toBe(true)
    expect(known.has(frame(2 * KNOWN_FRAMES))).toBe(true)
    expect(known.has(frame(0))).toBe(false)
    expect(known.has(frame(3 * KNOWN_FRAMES - 1, 'd2'))).toBe(false)
    expect(known.has(frameOf(Buffer.from([0xa1, 0x2f]), 0))).toBe(false)
  })

  it('is acknowledged and not journaled a second time, after a kill and after an orderly stop', async () => {
    const first = await JournalRig.start()
    const device = measuredDevices().get('d1')!
    const sent = Array.from({ length: 100 }, () => device.next().bytes)
    const give = async (rig: JournalRig, again: boolean, frames: readonly Uint8Array[]) => {
      let taken = 0
      for (const bytes of frames) {
        // As the device sends them: what comes at once is held to have been held up.
        if (!again) rig.clock.advance(INTERVAL)
        const { clock } = rig.memory
        const times = { mono: clock.mono(), wall: clock.wall() }
        const one = { device: 'd1', bytes, ...times, integrity: 'mqtt', source: 'mqtt:x' } as const
        rig.intake.accept(one, () => taken++, again)
      }
      await rig.settle()
      return taken
    }
    expect(await give(first, false, sent)).toBe(100)
    const killed = await JournalRig.start({ disk: first.disk.kill(), clock: first.clock })
    const last = killed.memory.journal.lastOrdinal
    expect(await give(killed, true, sent)).toBe(100)
    expect(killed.memory.journal.lastOrdinal).toBe(last)
    await killed.stop()
    const stopped = await JournalRig.start({ disk: killed.disk, clock: killed.clock })
    expect(await give(stopped, true, sent)).toBe(100)
    expect(await give(stopped, true, [device.next().bytes])).toBe(1)
    expect(stopped.memory.journal.lastOrdinal).toBe(last + 1)
    expect(stopped.outlet.said.at(-1)).toMatchObject({ epoch: 1, seq: 100 })
  })
})
