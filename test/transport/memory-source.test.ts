import { describe, expect, it } from 'vitest'
import { MemorySource } from '../../src/transport/memory-source.js'
import { ManualClock } from '../support/manual-clock.js'
import { RecordedHandlers } from '../support/recorded-handlers.js'
import { describeSource } from './source-contract.js'

describeSource('memory', async () => {
  const clock = new ManualClock()
  const source = new MemorySource({ clock, devices: ['d1'] })
  const downlinks: Uint8Array[] = []
  return {
    source,
    clock,
    device: 'd1',
    integrity: 'crc32',
    deliver: (frame) => source.deliver('d1', frame),
    deliverUnknown: (frame) => source.deliver('d2', frame),
    downlinks: () => {
      downlinks.push(...source.takeDownlinks().map(({ bytes }) => bytes))
      return downlinks
    },
    takeAway: () => source.goAway(),
    bringBack: () => source.comeBack(),
    close: () => {},
  }
})

describe('a memory source', () => {
  const opened = (devices?: readonly string[]) => {
    const source = new MemorySource({ clock: new ManualClock(), ...(devices && { devices }) })
    const heard = new RecordedHandlers()
    source.start(heard)
    return { source, heard }
  }

  it('serves any device where none are named', () => {
    const { source, heard } = opened()
    source.deliver('anybody', Uint8Array.of(1))
    expect(heard.frames[0]?.device).toBe('anybody')
    expect(source.send('anybody', Uint8Array.of(2))).toEqual({ ok: true })
    expect(source.takeDownlinks()).toEqual([{ device: 'anybody', bytes: Uint8Array.of(2) }])
    expect(source.takeDownlinks()).toEqual([])
  })

  it('takes the times of a frame from who knows them', () => {
    const { source, heard } = opened()
    source.deliver('d1', Uint8Array.of(1), { mono: 17, wall: 4711 })
    expect(heard.frames[0]).toMatchObject({ mono: 17, wall: 4711 })
  })

  it('copies what goes through it, so that buffers may be used again', () => {
    const { source, heard } = opened()
    const buffer = Uint8Array.of(1, 2, 3)
    source.deliver('d1', buffer)
    source.send('d1', buffer)
    buffer.fill(0)
    expect(heard.frames[0]?.bytes).toEqual(Uint8Array.of(1, 2, 3))
    expect(source.takeDownlinks()[0]?.bytes).toEqual(Uint8Array.of(1, 2, 3))
  })

  it('loses what comes while it is away, and is away at its start where it was taken away before', () => {
    const source = new MemorySource({ clock: new ManualClock() })
    const heard = new RecordedHandlers()
    source.goAway('ENOENT', 'not there')
    source.start(heard)
    expect(source.state).toMatchObject({ kind: 'away', code: 'ENOENT', reason: 'not there' })
    source.deliver('d1', Uint8Array.of(1))
    source.comeBack()
    expect(heard.frames).toEqual([])
    expect(source.counters()).toMatchObject({ bytesIn: 0, opened: 1 })
  })

  it('refuses downlinks that nobody takes', () => {
    const { source } = opened()
    const outcomes = Array.from({ length: 1025 }, () => source.send('d1', Uint8Array.of(1)).ok)
    expect(outcomes.filter(Boolean)).toHaveLength(1024)
    expect(source.takeDownlinks()).toHaveLength(1024)
    expect(source.send('d1', Uint8Array.of(1)).ok).toBe(true)
  })
})
