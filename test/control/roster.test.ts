import { describe, expect, it } from 'vitest'
import { checkConfiguration } from '../../src/config/index.js'
import { EMPTY_ROSTER, isRoster, type Roster } from '../../src/control/roster.js'
import { addDevice, removeDevice, renameDevice } from '../../src/control/roster-edits.js'
import { Settings } from '../../src/control/settings.js'
import { withRoster } from '../../src/control/with-roster.js'

const climate = { frames: 'compact', channels: [{ name: 't', resolution: 0.1 }] }
const line = { path: '/dev/ttyUSB0', address: 'byte', devices: { 1: 'a', 2: 'b' } }

/** The configuration of a file that declares these devices. */
function file(devices: readonly string[] = ['a', 'b'], more: object = {}) {
  const outcome = checkConfiguration(
    {
      version: 1,
      bridge: { id: 'gw' },
      models: { climate },
      sources: [{ serial: line }, { mqtt: { topic: 'alec/{device}/frame' } }],
      devices: Object.fromEntries(['a', 'b', ...devices].map((id) => [id, { model: 'climate' }])),
      ...more,
    },
    { cwd: '/', hostName: 'gw' },
  )
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.problems))
  return outcome.configuration
}

const roster = (more: Partial<Roster>): Roster => ({ ...EMPTY_ROSTER, ...more })
const idsOf = ({ configuration }: ReturnType<typeof withRoster>) => [
  ...configuration.devices.keys(),
]

describe('devices by request, on top of the file', () => {
  it('are there until the file declares them itself: then the addition is forgotten', () => {
    const added = roster({ added: { c: { model: 'climate', name: 'C' } } })
    const merged = withRoster(file(), added)
    expect(idsOf(merged)).toEqual(['a', 'b', 'c'])
    expect([...merged.requested]).toEqual(['c'])
    const declared = withRoster(file(['c']), added)
    expect(declared.roster).toEqual(EMPTY_ROSTER)
    expect([...declared.requested]).toEqual([])
  })

  it('that were removed stay away for as long as the file declares them', () => {
    const removed = roster({ removed: ['c'] })
    expect(idsOf(withRoster(file(['c']), removed))).toEqual(['a', 'b'])
    expect(withRoster(file(['c']), removed).roster).toEqual(removed)
    expect(withRoster(file(), removed).roster).toEqual(EMPTY_ROSTER)
  })

  it('stay away while their model is not there, and come back with it', () => {
    const added = roster({
      added: { c: { model: 'gone' } },
      renamed: { c: { to: 'd' } },
    })
    const merged = withRoster(file(), added)
    expect(idsOf(merged)).toEqual(['a', 'b'])
    expect(merged.notes).toEqual([
      'device c was added by request and stays away: there is no model gone',
    ])
    expect(merged.roster).toEqual(added)
    expect(idsOf(withRoster(file([], { models: { climate, gone: climate } }), added))).toEqual([
      'a',
      'b',
      'd',
    ])
  })

  it('come by the doors under their new names', () => {
    const { configuration } = withRoster(file(), roster({ renamed: { a: { to: 'x', name: 'X' } } }))
    const [serial, mqtt] = configuration.sources
    expect([...(serial?.devices ?? [])]).toEqual([
      [1, 'x'],
      [2, 'b'],
    ])
    expect([...(mqtt?.devices ?? [])]).toEqual([['a', 'x']])
    expect(configuration.devices.get('x')).toEqual({ id: 'x', model: 'climate', name: 'X' })
  })

  it('exchange their names, whatever the order in which they were given', () => {
    for (const renamed of [
      { a: { to: 'b' }, b: { to: 'a' } },
      { b: { to: 'a' }, a: { to: 'b' } },
    ]) {
      const merged = withRoster(file(), roster({ renamed }))
      expect(idsOf(merged).sort()).toEqual(['a', 'b'])
      expect(merged.notes).toEqual([])
      expect(merged.roster.renamed).toEqual(renamed)
      const [serial, mqtt] = merged.configuration.sources
      expect([...(serial?.devices ?? [])]).toEqual([
        [1, 'b'],
        [2, 'a'],
      ])
      expect(new Map<unknown, string>(mqtt?.devices)).toEqual(
        new Map([
          ['a', 'b'],
          ['b', 'a'],
        ]),
      )
    }
  })

  it('do not get the id of another, nor one that a door has for somebody who was removed', () => {
    const merged = withRoster(
      file(['c', 'd', 'e']),
      roster({ removed: ['b'], renamed: { a: { to: 'c' }, c: { to: 'd' }, e: { to: 'b' } } }),
    )
    expect(idsOf(merged)).toEqual(['a', 'c', 'd', 'e'])
    expect(merged.configuration.sources).toEqual(file().sources)
    expect([...merged.notes].sort()).toEqual([
      'device a was to be called c, which is another device now',
      'device c was to be called d, which is another device now',
      'device e was to be called b, which serial:/dev/ttyUSB0 calls somebody else',
    ])
  })

  it('can be told to a door: an address of its line, an id of its network', () => {
    const added = {
      c: { model: 'climate', source: 'serial:/dev/ttyUSB0', as: 7 },
      d: { model: 'climate', source: 'mqtt:alec/{device}/frame', as: '70b3/d57e' },
    }
    const { configuration, notes } = withRoster(file(), roster({ added }))
    expect(notes).toEqual([])
    expect([...(configuration.sources[0]?.devices ?? [])].at(-1)).toEqual([7, 'c'])
    expect([...(configuration.sources[1]?.devices ?? [])]).toEqual([['70b3/d57e', 'd']])
  })

  it('are nothing but what they should be, when they come from a disk', () => {
    expect(isRoster(EMPTY_ROSTER)).toBe(true)
    expect(isRoster(JSON.parse('{"added":{"a":{"model":"m"}},"removed":["b"],"renamed":{}}'))).toBe(
      true,
    )
    for (const text of ['null', '7', '{}', '{"added":{"a":1},"removed":[],"renamed":{}}'])
      expect(isRoster(JSON.parse(text))).toBe(false)
  })
})

describe('an edit of the devices', () => {
  it('and its opposite leave nothing behind', () => {
    const settings = new Settings(file())
    const steps = [
      addDevice('c', { model: 'climate' }),
      renameDevice('c', 'd', 'D'),
      renameDevice('a', 'x', undefined),
      removeDevice('b'),
      addDevice('b', { model: 'climate' }),
      renameDevice('x', 'a', undefined),
      removeDevice('d'),
    ]
    for (const step of steps) {
      const edited = step(settings)
      if (!edited.ok) throw new Error(edited.problems.join())
      settings.take({ roster: edited.roster })
    }
    expect(settings.roster).toEqual(EMPTY_ROSTER)
    expect([...settings.current.devices.keys()]).toEqual(['a', 'b'])
  })

  it('can exchange two names by way of a third', () => {
    const settings = new Settings(file())
    for (const step of [
      renameDevice('a', 'x', undefined),
      renameDevice('b', 'a', 'B'),
      renameDevice('x', 'b', undefined),
    ]) {
      const edited = step(settings)
      if (!edited.ok) throw new Error(edited.problems.join())
      settings.take({ roster: edited.roster })
    }
    const { devices, sources } = settings.current
    expect(devices.get('a')?.name).toBe('B')
    expect([...(sources[0]?.devices ?? [])]).toEqual([
      [1, 'b'],
      [2, 'a'],
    ])
  })

  it('gives nobody the id of a device that was removed and may go on sending', () => {
    const settings = new Settings(file(['c']))
    const removed = removeDevice('b')(settings)
    if (!removed.ok) throw new Error(removed.problems.join())
    settings.take({ roster: removed.roster })
    const renamed = renameDevice('c', 'b', undefined)(settings)
    expect(renamed.ok ? [] : renamed.problems).toEqual([
      'serial:/dev/ttyUSB0 calls another device b, which was removed: change that in the file',
    ])
  })

  it.each([
    ['an address that is taken', { source: 'serial:/dev/ttyUSB0', as: 1 }, /that of the device a/],
    ['an address that is none', { source: 'serial:/dev/ttyUSB0', as: 'x' }, /from 0 to 255/],
    ['a door that is not there', { source: 'serial:/dev/ttyUSB1', as: 3 }, /did you mean serial:/],
    ['half of a mapping', { as: 3 }, /belong together/],
  ])('is refused with %s', (_name, more, problem) => {
    const edited = addDevice('c', { model: 'climate', ...more })(new Settings(file()))
    expect(edited.ok ? [] : edited.problems).toEqual([expect.stringMatching(problem)])
  })
})
