import { describe, expect, it } from 'vitest'
import { Drawing } from '../../src/commands/monitor-drawing.js'
import { MonitoredFleet } from '../../src/commands/monitor-fleet.js'
import { filtered, ORDERS, rowsOf, sorted } from '../../src/commands/monitor-rows.js'
import { screenLines } from '../../src/commands/monitor-screen.js'
import { FIRST_VIEW, type Reaction, react, type View } from '../../src/commands/monitor-view.js'
import { ago, PLAIN_SHAPES, percent, SHAPES } from '../../src/commands/monitor-words.js'
import { cells, inCells, printable } from '../../src/commands/terminal-text.js'
import { ManualClock } from '../support/manual-clock.js'
import { mulberry, testSeed } from '../support/mulberry.js'
import { VirtualScreen } from '../support/virtual-screen.js'

const WALL = Date.UTC(2026, 10, 27)
const iso = (wall: number) => new Date(wall).toISOString()

interface Said {
  readonly health?: string
  readonly circuit?: string
  readonly lost?: number
  readonly received?: number
  readonly good?: number
  readonly uncertain?: number
  readonly at?: number
  readonly lastSeen?: number | null
  readonly bridge?: string
  readonly cause?: string | null
  readonly message?: string
}

const status = ({
  health = 'healthy',
  circuit = 'closed',
  lost = 0,
  received = 100,
  good = 100,
  uncertain = 0,
  at = WALL,
  lastSeen = at - 1000,
  bridge = 'gw-1',
  cause = null,
  message = '',
}: Said) => ({
  ts: iso(at),
  ttl: 60,
  bridge,
  health,
  circuit,
  sync: 'exact',
  since: iso(WALL - 5000),
  last_seen: lastSeen === null ? null : iso(lastSeen),
  cause,
  message,
  frames: { received, lost },
  readings: { good, uncertain },
})

/** A fleet that hears what it is told, at the manual clock's time. */
function fleetOf(devices: Readonly<Record<string, Said>>, shared = false) {
  const clock = new ManualClock({ mono: 1_000_000, wall: WALL })
  const fleet = new MonitoredFleet('alec', shared, clock)
  const tell = (topic: string, payload: unknown, retain = false) => {
    const text = typeof payload === 'string' ? payload : JSON.stringify(payload)
    return fleet.hear({ topic, payload: new TextEncoder().encode(text), qos: 1, retain })
  }
  for (const [id, said] of Object.entries(devices)) tell(`alec/${id}/status`, status(said))
  const rows = () => rowsOf(fleet, clock.mono())
  const rowOf = (id: string) => rows().find(({ device }) => device.id === id)
  return { clock, fleet, tell, rows, rowOf }
}

describe('what is known of a device', () => {
  it('is unknown once its status is older than its ttl', () => {
    const { clock, rowOf } = fleetOf({ shed: { health: 'degraded' } })
    clock.advance(60_000)
    expect(rowOf('shed')).toMatchObject({ health: 'degraded', doubt: undefined, silenceMs: 61_000 })
    clock.advance(1)
    expect(rowOf('shed')).toMatchObject({ health: 'unknown', doubt: 'stale' })
  })

  it('is as old as it says where the broker had it in store, and new where it has just been said', () => {
    const { tell, rowOf } = fleetOf({})
    const old = status({ at: WALL - 90_000 })
    tell('alec/stored/status', old, true)
    // The clock of the bridge's machine is behind.
    tell('alec/live/status', old)
    expect(rowOf('stored')).toMatchObject({ doubt: 'stale', silenceMs: 91_000 })
    expect(rowOf('live')).toMatchObject({ doubt: undefined, silenceMs: 1000 })
    // The same again, after the connection was lost.
    tell('alec/live/status', old, true)
    expect(rowOf('live')?.doubt).toBeUndefined()
  })

  it('is unknown while its bridge is offline, and only while its own is', () => {
    const { tell, rowOf } = fleetOf({ shed: { bridge: 'b1' }, roof: { bridge: 'b2' } }, true)
    tell('alec/bridge/b1/state', 'offline')
    tell('alec/bridge/b2/state', 'online')
    expect(rowOf('shed')).toMatchObject({ health: 'unknown', doubt: 'bridge offline' })
    expect(rowOf('roof')).toMatchObject({ health: 'healthy', doubt: undefined })
    const alone = fleetOf({ shed: {} })
    alone.tell('alec/bridge/state', 'offline')
    expect(alone.rowOf('shed')?.doubt).toBe('bridge offline')
  })

  it('comes from the snapshot where the broker keeps nothing for wildcards', () => {
    const { tell, rowOf } = fleetOf({ shed: { health: 'degraded' } })
    const devices = ['shed', 'roof', 'bridge', 'no id'].map((device) => ({
      device,
      ...status({ at: WALL - 10_000 }),
    }))
    tell('alec/bridge/snapshot', { ts: iso(WALL), bridge: 'gw-1', chunk: 1, of: 1, devices }, true)
    expect([rowOf('roof')?.health, rowOf('no id'), rowOf('bridge')]).toEqual([
      'healthy',
      undefined,
      undefined,
    ])
    // What was said since is newer.
    expect(rowOf('shed')?.health).toBe('degraded')
  })

  it('is nothing once its status is cleared, and nothing of what no bridge has written', () => {
    const { tell, rows } = fleetOf({ shed: {} })
    for (const payload of ['', 'fine', '7', 'null', '{"health":"healthy"}', '{"ts":1,"ttl":60}'])
      tell('alec/roof/status', payload)
    expect(rows()).toHaveLength(1)
    tell('alec/shed/status', '')
    tell('alec/shed/status/health', 'healthy')
    tell('alec/shed/readings', '{}')
    expect(rows()).toEqual([])
  })

  it('has its name, and the last thirty events', () => {
    const { tell, fleet, rowOf } = fleetOf({ shed: {} })
    const chunk = {
      chunk: 2,
      of: 2,
      devices: [{ id: 'shed', name: 'Old shed', model: 'climate' }, 7],
    }
    tell('alec/bridge/devices/2', chunk, true)
    for (let n = 0; n < 40; n++) tell('alec/shed/event', { ts: iso(WALL + n), type: 'gap' })
    tell('alec/shed/event', { type: 'old' }, true)
    tell('alec/shed/event', 'x')
    expect(rowOf('shed')).toMatchObject({ name: 'Old shed', model: 'climate' })
    const events = fleet.eventsOf('shed').map(({ ts }) => ts)
    expect(events).toEqual(Array.from({ length: 30 }, (_, n) => iso(WALL + 10 + n)))
  })
})

describe('the rows', () => {
  const { rows, clock, tell } = fleetOf({
    a1: {},
    b2: { health: 'degraded', lost: 1, cause: 'lost-frames' },
    c3: { health: 'degraded', lost: 20, received: 80 },
    d4: { health: 'unhealthy', circuit: 'open', good: 0, uncertain: 10 },
    e5: { health: 'unknown', received: 0, good: 0, lastSeen: null },
    f6: { lastSeen: WALL - 50_000, good: 1, uncertain: 1 },
    g7: { health: 'degraded', circuit: 'half-open' },
  })
  tell('alec/h8/status', status({ at: WALL - 100_000 }), true)

  it.each<[(typeof ORDERS)[number], string]>([
    ['worst first', 'd4 h8 g7 c3 b2 e5 f6 a1'],
    ['device', 'a1 b2 c3 d4 e5 f6 g7 h8'],
    ['last seen', 'a1 b2 c3 d4 g7 f6 h8 e5'],
    ['lost', 'c3 b2 a1 d4 f6 g7 h8 e5'],
    ['good', 'd4 f6 a1 b2 c3 g7 h8 e5'],
  ])('are in order, by %s', (order, expected) => {
    clock.advance(0)
    expect(
      sorted(rows(), order)
        .map(({ device }) => device.id)
        .join(' '),
    ).toBe(expected)
  })

  it.each([
    ['', 8],
    ['DEGRADED', 3],
    ['lost-frames', 1],
    ['half-open degraded', 1],
    ['stale', 1],
    ['nothing of it', 0],
  ])('that fit %j are %i', (filter, count) => {
    expect(filtered(rows(), filter)).toHaveLength(count)
  })
})

describe('the keys', () => {
  const rows = sorted(fleetOf({ a: {}, b: {}, c: {}, d: {} }).rows(), 'device')
  const press = (view: View, ...keys: readonly (string | { name: string; ctrl: true })[]) =>
    keys.reduce<Reaction>((now, key) => {
      if (typeof now === 'string') return now
      if (typeof key === 'object') return react(now, { ...key, text: '' }, rows, 2)
      const named = key.length > 1
      return react(
        now,
        { name: named ? key : key.toLowerCase(), text: named ? '' : key, ctrl: false },
        rows,
        2,
      )
    }, view)

  it.each<[readonly string[], string | undefined]>([
    [['down'], 'b'],
    [['j', 'j', 'k'], 'b'],
    [['up'], 'a'],
    [['pagedown'], 'c'],
    [['end', 'down'], 'd'],
    [['G', 'pageup'], 'b'],
    [['end', 'g'], 'a'],
  ])('%j choose a device', (keys, chosen) => {
    expect(press(FIRST_VIEW, ...keys)).toMatchObject({ chosen })
  })

  it.each<[readonly (string | { name: string; ctrl: true })[], object | string]>([
    [['q'], 'quit'],
    [[{ name: 'c', ctrl: true }], 'quit'],
    [['/', { name: 'c', ctrl: true }], 'quit'],
    [[{ name: 'z', ctrl: true }], 'suspend'],
    [['return'], { shows: 'device', chosen: 'a' }],
    [['return', 'down'], { shows: 'device', chosen: 'b' }],
    [['return', 'q'], { shows: 'table' }],
    [['?'], { shows: 'help' }],
    [['?', 'escape'], { shows: 'table' }],
    [['s'], { order: 'device' }],
    [['S'], { order: 'good' }],
    [['/', 'q', 'x', 'backspace', '?'], { filter: 'q?', typing: true, shows: 'table' }],
    [['/', 'q', 'return'], { filter: 'q', typing: false }],
    [['/', 'q', 'return', 'escape'], { filter: '' }],
    [['/', 'q', 'escape'], { filter: '', typing: false }],
    [['f1'], FIRST_VIEW],
  ])('%j', (keys, expected) => {
    const reaction = press(FIRST_VIEW, ...keys)
    if (typeof expected === 'string') expect(reaction).toBe(expected)
    else expect(reaction).toMatchObject(expected)
  })
})

describe('words', () => {
  it.each([
    [undefined, 'never'],
    [0, '0 s'],
    [59_999, '59 s'],
    [60_000, '1 min'],
    [7_200_000, '2 h'],
    [200_000_000, '2 d'],
  ])('say how long ago %s ms are: %s', (ms, text) => expect(ago(ms)).toBe(text))

  it.each([
    [undefined, '–'],
    [0, '0 %'],
    [0.0001, '<0.1 %'],
    [0.01234, '1.2 %'],
    [0.9999, '>99.9 %'],
    [1, '100 %'],
  ])('say how much %s is: %s', (share, text) => expect(percent(share)).toBe(text))

  it.each([
    ['plain', 5],
    ['漢字', 4],
    ['e\u0301', 1],
    ['🌡', 2],
    ['±0,5 °C', 7],
  ])('take so many cells: %s %i', (text, width) => expect(cells(text)).toBe(width))

  it(`are in exactly as many cells as they shall be (SEED=${testSeed})`, () => {
    const random = mulberry(testSeed)
    const alphabet = [...'abc °漢字ｱ🌡✖', 'e\u0301']
    for (let n = 0; n < 2000; n++) {
      const text = Array.from(
        { length: Math.floor(random() * 12) },
        () => alphabet[Math.floor(random() * alphabet.length)],
      ).join('')
      const width = Math.floor(random() * 12)
      expect(cells(inCells(text, width)), JSON.stringify([text, width])).toBe(width)
    }
  })

  it('cannot steer the terminal', () => {
    expect(printable('a\u001b[2Jb\u0007\n\u202ec\u2028\u009b\ud800')).toBe('a?[2Jb???c???')
  })
})

/** A screen as it is once a program has taken it. */
function drawable(columns: number, lines: number): VirtualScreen {
  const virtual = new VirtualScreen(columns, lines)
  virtual.isAlternate = true
  return virtual
}

describe('the screen', () => {
  /** Wide characters take one cell of the virtual screen: only ASCII and what is as narrow is put in here. */
  const HOSTILE = 'a\u001b[31m\u0007b\u202e\nc'

  it(`is never left, whatever its size and whatever devices say (SEED=${testSeed})`, () => {
    const random = mulberry(testSeed)
    const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T
    const { fleet, tell, rows } = fleetOf({})
    const hostile = { health: 'degraded', circuit: HOSTILE, cause: HOSTILE, message: HOSTILE }
    for (let n = 0; n < 40; n++)
      tell(`alec/${'n'.repeat(1 + (n % 60))}-${n}/status`, status({ ...hostile, bridge: HOSTILE }))
    tell('alec/bridge/devices', [{ id: 'n-0', name: HOSTILE, model: HOSTILE }], true)
    tell('alec/n-0/event', { ts: HOSTILE, type: HOSTILE, severity: HOSTILE, [HOSTILE]: HOSTILE })
    tell('alec/bridge/state', HOSTILE)
    for (let round = 0; round < 300; round++) {
      const [columns, lines] = [1 + Math.floor(random() * 150), 1 + Math.floor(random() * 40)]
      const all = rows()
      const view: View = {
        shows: pick(['table', 'device', 'help']),
        order: pick(ORDERS),
        filter: pick(['', HOSTILE, 'n-1']),
        typing: random() < 0.3,
        chosen: pick([undefined, 'n-0', 'gone']),
      }
      const shown = sorted(filtered(all, view.filter), view.order)
      const shapes = pick([SHAPES, PLAIN_SHAPES])
      const screen = {
        fleet,
        all,
        rows: shown,
        view,
        columns,
        lines,
        shapes,
        away: pick(['', HOSTILE]),
      }
      const virtual = drawable(columns, lines)
      virtual.write(new Drawing(true).update(screenLines(screen), columns))
    }
  })

  it('shows the same whether it is drawn anew or only what has changed', () => {
    const random = mulberry(testSeed)
    const { fleet, tell, rows, clock } = fleetOf({})
    const drawing = new Drawing(true)
    const followed = drawable(90, 12)
    for (let round = 0; round < 60; round++) {
      const health = ['healthy', 'degraded', 'unhealthy'][Math.floor(random() * 3)] ?? ''
      tell(`alec/n-${Math.floor(random() * 20)}/status`, status({ health, cause: 'silent' }))
      clock.advance(1000)
      const all = rows()
      const view = {
        ...FIRST_VIEW,
        chosen: `n-${round % 20}`,
        shows: round % 7 ? 'table' : 'device',
      } as const
      const screen = { fleet, all, rows: sorted(all, 'worst first'), view, columns: 90, lines: 12 }
      const lines = screenLines({ ...screen, shapes: SHAPES, away: '' })
      followed.write(drawing.update(lines, 90))
      const anew = drawable(90, 12)
      anew.write(new Drawing(true).update(lines, 90))
      expect(followed.text).toEqual(anew.text)
    }
  })

  it('leaves out columns that do not fit, the device and its health never', () => {
    const { fleet, rows } = fleetOf({
      'greenhouse-1': { health: 'degraded', cause: 'lost-frames', message: '3 frames lost' },
    })
    const drawn = (columns: number) => {
      const virtual = drawable(columns, 5)
      const screen = {
        fleet,
        all: rows(),
        rows: rows(),
        view: FIRST_VIEW,
        columns,
        lines: 5,
        shapes: SHAPES,
      }
      virtual.write(new Drawing(false).update(screenLines({ ...screen, away: '' }), columns))
      return virtual.text.slice(1, 3)
    }
    expect(drawn(100)).toEqual([
      '  device        health       circuit    sync           seen     lost     good  cause',
      '> greenhouse-1  ▲ degraded   closed     exact           1 s      0 %    100 %  lost-frames: 3 frame…',
    ])
    expect(drawn(52)).toEqual([
      '  device        health       circuit    sync',
      '> greenhouse-1  ▲ degraded   closed     exact',
    ])
    expect(drawn(24)).toEqual(['  device     health', '> greenhou…  ▲ degraded'])
  })

  it('tells everything without colours too', () => {
    const { fleet, rows } = fleetOf({ a: { health: 'unhealthy' }, b: {} })
    const virtual = drawable(80, 6)
    const screen = { fleet, all: rows(), rows: rows(), view: FIRST_VIEW, columns: 80, lines: 6 }
    virtual.write(
      new Drawing(false).update(screenLines({ ...screen, shapes: PLAIN_SHAPES, away: '' }), 80),
    )
    expect(virtual.hasColour).toBe(false)
    expect(virtual.text.slice(2, 4)).toEqual([
      expect.stringContaining('> a       X unhealthy'),
      expect.stringContaining('  b       o healthy'),
    ])
  })
})
