import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { ReopeningLine } from '../../src/transport/reopening-line.js'
import type { SourceState } from '../../src/transport/source.js'
import { ManualClock } from '../support/manual-clock.js'
import { ScriptedLineDoor } from './scripted-line.js'

const policy = { firstMs: 250, minMs: 250, maxMs: 1500 }
const absent = { code: 'ENOENT', reason: 'not there' }

describe('a reopening line', () => {
  let clock: ManualClock
  let door: ScriptedLineDoor
  let line: ReopeningLine
  let states: SourceState[]
  let chunks: Uint8Array[]
  let lost: number[]
  const handlers = {
    onData: (chunk: Uint8Array) => chunks.push(chunk),
    readDelayMs: () => 8,
    onState: (state: SourceState) => states.push(state),
    onLost: (writes: number) => lost.push(writes),
  }

  beforeEach(() => {
    clock = new ManualClock()
    door = new ScriptedLineDoor()
    line = new ReopeningLine({ door, policy, clock, random: () => 0.5 })
    states = []
    chunks = []
    lost = []
  })

  it('opens a new line for every try, for ever, never waiting longer than its policy says', () => {
    line.start(handlers)
    for (let tries = 1; tries <= 500; tries++) {
      expect(door.lines).toHaveLength(tries)
      door.closed(absent)
      clock.advance(1500)
    }
    expect(line.state).toMatchObject({ kind: 'away', since: 0, attempts: 500, code: 'ENOENT' })
  })

  it('never waits longer than its policy says, whatever chance says', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), { minLength: 20 }),
        (chances) => {
          const own = new ManualClock()
          const ownDoor = new ScriptedLineDoor()
          let draw = 0
          const random = () => chances[draw++ % chances.length]!
          new ReopeningLine({ door: ownDoor, policy, clock: own, random }).start(handlers)
          for (const [i] of chances.entries()) {
            ownDoor.closed(absent)
            own.advance(i === 0 ? policy.firstMs : policy.maxMs)
            expect(ownDoor.lines).toHaveLength(i + 2)
          }
        },
      ),
    )
  })

  it('tries fast again after a line that held, and not after one that fell at once', () => {
    line.start(handlers)
    for (let i = 0; i < 6; i++) {
      door.closed(absent)
      clock.advance(1500)
    }
    door.opened()
    door.closed()
    clock.advance(250)
    expect(door.lines).toHaveLength(7)
    clock.advance(1250)
    door.opened()
    clock.advance(5000)
    door.closed()
    expect(line.state).toMatchObject({ kind: 'away', attempts: 1 })
    clock.advance(250)
    expect(door.lines).toHaveLength(9)
  })

  it('tells of each change once, and counts the tries that say nothing new', () => {
    line.start(handlers)
    door.closed(absent)
    for (let i = 0; i < 3; i++) {
      clock.advance(1500)
      door.closed(absent)
    }
    clock.advance(1500)
    door.closed({ code: 'EACCES', reason: 'not allowed' })
    clock.advance(1500)
    door.opened()
    expect(states.map((state) => ('code' in state ? state.code : state.kind))).toEqual([
      'opening',
      'ENOENT',
      'EACCES',
      'open',
    ])
    expect(states[2]).toMatchObject({ attempts: 5 })
  })

  it('keeps what time it is away since over all tries', () => {
    line.start(handlers)
    door.opened()
    clock.advance(7000)
    door.closed()
    clock.advance(1500)
    door.closed(absent)
    expect(line.state).toMatchObject({ kind: 'away', since: 7000, attempts: 2, ...absent })
  })

  it('passes bytes on while it is open, and hears nothing from a line that is no longer its own', async () => {
    line.start(handlers)
    const first = door.line
    door.opened()
    door.data(1, 2)
    door.closed()
    first.handlers.onData(Uint8Array.of(3))
    clock.advance(1500)
    first.handlers.onOpened()
    expect(line.state.kind).toBe('away')
    door.opened()
    door.data(4)
    expect(chunks).toEqual([Uint8Array.of(1, 2), Uint8Array.of(4)])
  })

  it('has no timer and calls no handler after stop, which waits until the line is closed', async () => {
    line.start(handlers)
    door.opened()
    let stopped = false
    const stopping = line.stop().then(() => {
      stopped = true
    })
    expect(states.at(-1)).toEqual({ kind: 'stopped' })
    expect(door.line.closeCalls).toBe(1)
    const calls = states.length
    door.data(1)
    await Promise.resolve()
    expect(stopped).toBe(false)
    door.closed()
    await stopping
    expect(clock.pending).toBe(0)
    clock.advance(60_000)
    expect(door.lines).toHaveLength(1)
    expect(states).toHaveLength(calls)
    expect(chunks).toEqual([])
  })

  it('stops at once while it waits for the next try', async () => {
    line.start(handlers)
    door.closed(absent)
    await line.stop()
    expect(clock.pending).toBe(0)
    expect(line.state.kind).toBe('stopped')
  })

  it('stop waits for the line of before a restart too', async () => {
    line.start(handlers)
    const first = door.line
    void line.stop()
    line.start(handlers)
    let stopped = false
    const stopping = line.stop().then(() => {
      stopped = true
    })
    door.closed()
    await new Promise(setImmediate)
    expect(stopped).toBe(false)
    first.handlers.onClosed(absent)
    await stopping
    expect(stopped).toBe(true)
  })

  it('F-06: counts the writes that a lost line had not taken, and no others', async () => {
    const bytes = Uint8Array.of(1)
    line.start(handlers)
    door.opened()
    line.write(bytes)
    door.line.stuck = true
    for (let i = 0; i < 3; i++) line.write(bytes)
    const { untaken } = door.line
    untaken[0]?.()
    door.closed()
    expect(lost).toEqual([2])
    // An answer that comes late is none.
    untaken[1]?.()
    clock.advance(1500)
    door.opened()
    expect(door.line.written).toEqual([])
    door.line.stuck = true
    line.write(bytes)
    void line.stop()
    expect(lost).toEqual([2, 1])
  })

  it('writes to an open line only, and not behind a backlog', () => {
    const bytes = new Uint8Array(100)
    expect(line.write(bytes)).toEqual({ ok: false, reason: 'stopped' })
    line.start(handlers)
    expect(line.write(bytes)).toEqual({ ok: false, reason: 'opening' })
    door.closed(absent)
    expect(line.write(bytes)).toEqual({ ok: false, reason: 'not there' })
    clock.advance(1500)
    door.opened()
    expect(line.write(bytes)).toEqual({ ok: true })
    door.line.backlog = 3996
    expect(line.write(bytes)).toEqual({ ok: true })
    door.line.backlog = 3997
    const outcome = line.write(bytes)
    expect(outcome).toEqual({ ok: false, reason: expect.stringContaining('3997 bytes') })
    expect(door.line.written).toEqual([bytes, bytes])
    door.line.backlog = 0
    door.line.closing = true
    expect(line.write(bytes)).toEqual({ ok: false, reason: 'closing' })
  })
})
