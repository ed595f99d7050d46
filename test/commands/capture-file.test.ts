import { describe, expect, it } from 'vitest'
import { CaptureWriter, captureHead } from '../../src/capture/index.js'
import { fileTarget, type OpenFile } from '../../src/commands/capture-file.js'
import { frameOf } from '../support/frames.js'
import { ManualClock } from '../support/manual-clock.js'

const CALLS = ['writeFile', 'datasync', 'close'] as const

/** A capture into a file whose disk does not answer one kind of call. */
function capturing(silent?: (typeof CALLS)[number]) {
  const clock = new ManualClock()
  const asked: string[] = []
  const call = (name: (typeof CALLS)[number]) => () => {
    asked.push(name)
    return name === silent ? new Promise<never>(() => {}) : Promise.resolve()
  }
  const file: OpenFile = {
    writeFile: call('writeFile'),
    datasync: call('datasync'),
    close: call('close'),
  }
  const { target, hurry } = fileTarget(file, clock)
  const writer = new CaptureWriter({
    target,
    head: captureHead({ program: '1.0.0', sources: [], baseTopic: 'alec', wall: clock.wall() }),
    maxBytes: 1e6,
    mono: clock.mono(),
    wall: () => clock.wall(),
    onFull: () => {},
  })
  writer.add(frameOf(Uint8Array.of(1, 2), clock.mono()))
  const end = async () => {
    const undo = hurry()
    const ended = writer.finish('stopped')
    await new Promise((resolve) => setImmediate(resolve))
    clock.advance(5000)
    const summary = await ended
    undo()
    return summary
  }
  return { end, asked }
}

describe('a capture into a file', () => {
  it.each(CALLS)(
    'ends five seconds after its end was asked for where %s is not answered',
    async (silent) => {
      const { end, asked } = capturing(silent)
      expect(await end()).toMatchObject({ end: 'disk', problem: 'the disk does not answer' })
      expect(asked).toContain('close')
    },
  )

  it('ends with all of it where the disk answers', async () => {
    const { end, asked } = capturing()
    const summary = await end()
    expect(summary).toMatchObject({ end: 'stopped', frames: 1 })
    expect(summary.problem).toBeUndefined()
    expect(asked.slice(-2)).toEqual(['datasync', 'close'])
  })
})
