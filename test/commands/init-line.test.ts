import { describe, expect, it } from 'vitest'
import { type UartSettings, uart8n1 } from '../../firmware-sim/index.js'
import { type LineSearch, searchLine, usualSettings } from '../../src/commands/init-line.js'
import { ManualClock } from '../support/manual-clock.js'
import { type SeededLine, seededLine, traffic } from '../survey/seeded-line.js'
import { UartPort } from './uart-door.js'

/** Listens to a seeded line whose sender is set as told, with a port that is set as the search likes. */
async function searched(
  line: SeededLine,
  sender: UartSettings,
  frames: number,
  options: Partial<LineSearch> = {},
) {
  const clock = new ManualClock()
  const port = new UartPort(sender, traffic(line, frames), clock)
  const progress: string[] = []
  const result = await port.runUntil(
    searchLine({
      settings: usualSettings,
      door: (setting) => port.door(setting),
      clock,
      searchMs: 300_000,
      listenMs: 30_000,
      ask: false,
      signal: new AbortController().signal,
      onProgress: (text) => progress.push(text),
      ...options,
    }),
  )
  return { result, port, progress, clock }
}

/** Lines of one node that sends once a second, or twice. */
const quickLine = (seed: number): SeededLine => {
  const line = seededLine(seed)
  const nodes = line.nodes.map((node) => ({ ...node, spec: { ...node.spec, intervalMs: 1000 } }))
  return { ...line, nodes, missed: 0 }
}

describe('a search for the settings of a port', () => {
  it.each([9600, 19_200, 38_400, 57_600, 115_200, 230_400, 921_600, 4800, 1200])(
    'finds %i baud by what makes sense, whatever the others make of it',
    async (baudRate) => {
      const line = quickLine(baudRate)
      const { result, port } = await searched(line, uart8n1(baudRate), 200)
      expect(result).toMatchObject({
        kind: 'match',
        setting: { baudRate, parity: 'none' },
        match: { format: line.format },
      })
      // The most usual ones are tried first, each but once.
      expect(new Set(port.opened.map((setting) => setting.baudRate)).size).toBe(port.opened.length)
    },
  )

  it('finds a parity bit, which takes the place of the stop bit where none is expected', async () => {
    const line = quickLine(7)
    const sender = { ...uart8n1(19_200), parity: 'even' } as const
    const { result } = await searched(line, sender, 200)
    expect(result).toMatchObject({ kind: 'match', setting: { baudRate: 19_200, parity: 'even' } })
  })

  it('says how much came where none of it makes sense, and what was tried', async () => {
    const noise = Array.from({ length: 4000 }, (_, i) => ({
      at: i * 100,
      bytes: Uint8Array.from({ length: 20 }, (_, j) => (i * 31 + j * j * 17) & 0xff),
    }))
    const clock = new ManualClock()
    const port = new UartPort(uart8n1(115_200), noise, clock)
    const result = await port.runUntil(
      searchLine({
        settings: usualSettings,
        door: (setting) => port.door(setting),
        clock,
        searchMs: 60_000,
        listenMs: 30_000,
        ask: true,
        signal: new AbortController().signal,
        onProgress: () => expect.fail('nothing makes sense here'),
      }),
    )
    if (result.kind !== 'nothing') expect.fail(result.kind)
    expect(result.bytes).toBeGreaterThan(1000)
    expect(result.tried.length).toBe(usualSettings.length)
    // Who does not understand says nothing.
    expect(port.written).toEqual([])
  })

  it('waits longer at each rate every time round, for a node that seldom sends', async () => {
    const line = quickLine(3)
    const nodes = line.nodes.map((node) => ({ ...node, spec: { ...node.spec, intervalMs: 8000 } }))
    const { result } = await searched({ ...line, nodes }, uart8n1(9600), 60)
    expect(result).toMatchObject({ kind: 'match', setting: { baudRate: 9600 } })
  })

  it('asks compact nodes for keyframes, a few times and with frames in between', async () => {
    const seeds = Array.from({ length: 40 }, (_, i) => i + 1)
    const seed = seeds.find((one) => {
      const { nodes, format } = seededLine(one)
      return nodes.length === 1 && nodes[0]?.spec.frames === 'compact' && format.crc === 'crc32'
    })
    const line = quickLine(seed ?? expect.fail())
    const { port, progress } = await searched(line, uart8n1(115_200), 200, { ask: true })
    expect(port.written.length).toBe(8)
    expect(progress.filter((text) => text.includes('asks'))).toHaveLength(1)
  })

  it('makes do with what it has when it is told to stop', async () => {
    const stop = new AbortController()
    const line = quickLine(5)
    const { result, clock } = await searched(line, uart8n1(115_200), 500, {
      listenMs: 3_600_000,
      signal: stop.signal,
      onProgress: (text) => text.includes('frames') && stop.abort(),
    })
    expect(result).toMatchObject({ kind: 'match', match: { format: line.format } })
    expect(clock.mono()).toBeLessThan(60_000)
  })

  it('hands on why a port cannot be opened', async () => {
    const end = { code: 'EACCES', reason: 'may not open it' }
    const result = await searchLine({
      settings: usualSettings,
      door: () => ({
        address: 'closed',
        open: (handlers) => {
          queueMicrotask(() => handlers.onClosed(end))
          return { backlog: 0, write: () => false, close: () => {} }
        },
      }),
      clock: new ManualClock(),
      searchMs: 1000,
      listenMs: 1000,
      ask: true,
      signal: new AbortController().signal,
      onProgress: () => {},
    })
    expect(result).toEqual({ kind: 'closed', end })
  })
})
