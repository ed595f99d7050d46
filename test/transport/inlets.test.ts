import { describe, expect, it } from 'vitest'
import { checkConfiguration } from '../../src/config/index.js'
import { Inlets } from '../../src/transport/index.js'
import { ManualClock } from '../support/manual-clock.js'

const climate = { frames: 'compact', channels: [{ name: 't', resolution: 0.1 }] }

function configuration(sources: readonly object[], limits: object = {}) {
  const outcome = checkConfiguration(
    {
      version: 1,
      bridge: { id: 'gw' },
      broker: { url: 'mqtt://nowhere' },
      limits,
      models: { climate },
      sources,
      devices: Object.fromEntries(['a', 'b', 'c'].map((id) => [id, { model: 'climate' }])),
    },
    { cwd: '/', hostName: 'gw' },
  )
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.problems))
  return outcome.configuration
}

const topic = (name: string, more: object = {}) => ({
  mqtt: { topic: `${name}/{device}/frame`, ...more },
})
const port = (device: string, baudRate = 9600) => ({
  serial: { path: `/nowhere/${device}`, device, baud_rate: baudRate },
})

/** Doors on a link that writes down what is asked of it. */
function opened(sources: readonly object[]) {
  const asked: string[] = []
  const links = {
    input: {
      subscribe: (filter: string) => {
        asked.push(`+${filter}`)
        return () => asked.push(`-${filter}`)
      },
    },
    output: { publish: () => false },
  } as unknown as ConstructorParameters<typeof Inlets>[1]['links']
  const inlets = new Inlets(configuration(sources), {
    links,
    clock: new ManualClock(),
    random: () => 0.5,
  })
  const states: string[] = []
  inlets.start(({ id }) => ({
    onFrame: () => true,
    onState: ({ kind }) => states.push(`${id} ${kind}`),
    onUnknown: () => {},
  }))
  return { inlets, asked, states }
}

describe('the doors, when the configuration has changed', () => {
  it('are not touched where nothing of theirs has changed, in whatever order they stand', () => {
    const { inlets, asked } = opened([topic('x'), port('a'), topic('y')])
    const before = new Set(inlets.sources)
    asked.length = 0
    const change = inlets.change(configuration([topic('y'), topic('x'), port('a')]))
    expect(change).toEqual({ opened: [], closed: [], changed: [] })
    expect(new Set(inlets.sources)).toEqual(before)
    expect(asked).toEqual([])
  })

  it('are opened, closed and opened anew one by one', () => {
    const { inlets } = opened([topic('x'), port('a'), port('b')])
    const kept = inlets.sources[0]
    const change = inlets.change(configuration([topic('x'), port('a', 115_200), port('c')]))
    expect(change).toEqual({
      opened: ['serial:/nowhere/c'],
      closed: ['serial:/nowhere/b'],
      changed: ['serial:/nowhere/a'],
    })
    expect(inlets.sources[0]).toBe(kept)
    expect(inlets.sources.map(({ id }) => id)).toEqual([
      'mqtt:x/{device}/frame',
      'serial:/nowhere/a',
      'serial:/nowhere/c',
    ])
  })

  it('of a topic are taken over: the new one listens before the old one is gone', () => {
    const { inlets, asked } = opened([topic('x')])
    inlets.change(configuration([topic('x', { devices: { wire: 'a' } })]))
    expect(asked).toEqual(['+x/+/frame', '+x/+/frame', '-x/+/frame'])
  })

  it('of a port are closed before the port is opened again', async () => {
    const { inlets, states } = opened([port('a')])
    states.length = 0
    inlets.change(configuration([port('a', 115_200)]))
    await inlets.stop()
    const stopped = states.indexOf('serial:/nowhere/a stopped')
    expect(stopped).toBe(0)
  })

  it('are the same list all the time, for those who look at it', () => {
    const { inlets } = opened([topic('x')])
    const { sources } = inlets
    inlets.change(configuration([topic('y')], { port_burst: 7 }))
    expect(sources.map(({ id }) => id)).toEqual(['mqtt:y/{device}/frame'])
    expect(inlets.sources).toBe(sources)
  })
})
