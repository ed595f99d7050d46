import { describe, expect, it } from 'vitest'
import { StatusTurns } from '../../src/control/status-turns.js'
import type { DeviceSession } from '../../src/device/index.js'
import { defaultStatusFlowPolicy, Shedder } from '../../src/outputs/index.js'
import { recovering } from '../outputs/examples.js'

const WALL = 1.8e12
const at = (mono: number) => ({ mono, wall: WALL + mono })

/** The statuses of so many devices, with room for so many publications at a time. */
function turnsOf(devices: number) {
  let room = Number.POSITIVE_INFINITY
  const said: string[] = []
  const sessions = Array.from({ length: devices }, (_, seat) => {
    const id = `d-${seat}`
    const status = { ...recovering, device: id }
    return { id, seat, profile: { names: [] }, status: () => status } as unknown as DeviceSession
  })
  const turns = new StatusTurns(
    {
      fleet: { sessionAt: (seat) => sessions[seat] },
      publish: ({ topic }) => {
        room--
        said.push(topic)
      },
      hasRoom: () => room > 0,
    },
    {
      baseTopic: 'alec',
      bridge: 'gw-1',
      readings: { qos: 1, retain: false, perChannel: false, uncertain: 'mark' },
      statusFlow: defaultStatusFlowPolicy,
      shedder: new Shedder(),
    },
  )
  /** Ids of the devices of which something is said in one go. */
  const go = (now: number, free = Number.POSITIVE_INFINITY) => {
    room = free
    said.length = 0
    const isAll = turns.sayDue(at(now))
    const ids = new Set(said.map((topic) => topic.split('/')[1] ?? ''))
    return { isAll, ids: [...ids] }
  }
  const change = (seat: number, change: object) =>
    Object.assign(sessions[seat]?.status() ?? {}, change)
  const birth = (now: number) => {
    for (const session of sessions) turns.birthOf(session, at(now))
  }
  return {
    turns,
    sessions,
    go,
    birth,
    change,
    free: (publications: number) => (room = publications),
  }
}

describe('statuses', () => {
  it('of many devices that were born together are said again spread over a minute, each once', () => {
    const { birth, go } = turnsOf(6000)
    birth(1_000_000)
    const inSeconds = Array.from({ length: 60 }, (_, n) => go(1_000_000 + 1000 * (n + 1)).ids)
    for (const ids of inSeconds) expect(ids.length).toBeLessThanOrEqual(102)
    expect(new Set(inSeconds.flat()).size).toBe(6000)
  })

  it('are said in pieces, between which others have their turn', () => {
    const { birth, go } = turnsOf(500)
    birth(0)
    const counts = [1, 2, 3].map(() => go(120_000)).map(({ isAll, ids }) => [isAll, ids.length])
    expect(counts).toEqual([
      [false, 200],
      [false, 200],
      [true, 100],
    ])
  })

  it('wait where there is no room, and are said as they are then', () => {
    const { turns, sessions, go, birth, change, free } = turnsOf(2)
    birth(0)
    change(1, { health: 'unhealthy' })
    free(0)
    turns.say(sessions[1] as DeviceSession, at(2000))
    expect(go(2000, 0)).toEqual({ isAll: true, ids: [] })
    change(1, { health: 'degraded', cause: 'silent' })
    expect(go(2001)).toEqual({ isAll: true, ids: ['d-1'] })
    expect(go(2002)).toEqual({ isAll: true, ids: [] })
  })

  it('of all devices have their turn, however little room there is', () => {
    const { birth, go } = turnsOf(10)
    birth(0)
    const turns = Array.from({ length: 5 }, () => go(120_000, 2).ids)
    expect(turns.flat().toSorted()).toEqual(Array.from({ length: 10 }, (_, n) => `d-${n}`))
    // Those that were said first are due again, and wait for the others.
    expect(go(240_000, 4).ids).toEqual(['d-0', 'd-1', 'd-2', 'd-3'])
    expect(go(300_000, 4).ids).toEqual(['d-4', 'd-5', 'd-6', 'd-7'])
    expect(go(360_000, 4).ids).toEqual(['d-8', 'd-9', 'd-0', 'd-1'])
  })
})
