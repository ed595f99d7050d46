import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectAsync } from 'mqtt'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { type SimOptions, sim } from '../../src/commands/sim.js'
import { freePort } from '../support/free-port.js'

const repository = new URL('../../', import.meta.url).pathname
const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

/** Runs the verb in this process until `stop` is called. */
function run(options: SimOptions) {
  const stopping = new AbortController()
  let out = ''
  let err = ''
  const io = {
    stdout: (text: string) => {
      out += text
    },
    stderr: (text: string) => {
      err += text
    },
    stdin: (async function* () {})(),
    env: {},
    cwd: repository,
    signal: stopping.signal,
    columns: undefined,
  }
  const exit = sim(options, io)
  undo.push(async () => {
    stopping.abort()
    await exit
  })
  return {
    exit,
    out: () => out,
    err: () => err,
    lines: () =>
      out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    stop: () => {
      stopping.abort()
      return exit
    },
  }
}

describe('sim', () => {
  it('says where its lines are, runs until it is stopped and says what happened', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'alec-sim-'))
    undo.push(() => rmSync(directory, { recursive: true }))
    const port = await freePort()
    const verb = run({
      config: 'config/scenarios/demo.yaml',
      linkDir: directory,
      brokerPort: port,
      interval: '50ms',
      seed: 5,
      json: true,
    })
    await vi.waitUntil(() => verb.out().includes('"weather-1"'), 10_000)
    const bus = verb.lines().find(({ link }) => link === 'rs485')
    expect(bus).toEqual({
      link: 'rs485',
      kind: 'pty',
      address: join(directory, 'rs485'),
      devices: [
        { id: 'pump-1', address: 1 },
        { id: 'tank-1', address: 2 },
      ],
    })
    expect(existsSync(bus.address)).toBe(true)

    const client = await connectAsync(`mqtt://127.0.0.1:${port}`)
    undo.push(() => client.endAsync(true))
    const topics = new Set<string>()
    client.on('message', (topic) => topics.add(topic))
    await client.subscribeAsync('alec/+/frame')
    await vi.waitUntil(() => topics.size === 7, 10_000)

    expect(await verb.stop()).toBe(0)
    const { statistics } = verb.lines().at(-1)
    expect(statistics.devices).toBe(11)
    expect(statistics.links.radio.framesSent).toBeGreaterThanOrEqual(7)
    expect(existsSync(join(directory, 'rs485'))).toBe(false)
  })

  it('keeps trying a broker that is away, and stops all the same', async () => {
    const verb = run({
      devices: 3,
      broker: `mqtt://127.0.0.1:${await freePort()}`,
      interval: '20ms',
      loss: 0.5,
    })
    await vi.waitUntil(() => verb.out() !== '', 10_000)
    expect(verb.out()).toMatch(
      /^radio: mqtt:\/\/127\.0\.0\.1:\d+: compact-1, compact-2, closed-loop-1\n$/,
    )
    expect(await verb.stop()).toBe(0)
    expect(verb.err()).toMatch(/radio: (not connected yet|connect ECONNREFUSED)/)
  })

  it.each<[SimOptions, RegExp]>([
    [{ config: 'x.yaml', devices: 3 }, /--devices is for a fleet without --config/],
    [{ broker: 'mqtt://a', brokerPort: 1 }, /give one of them/],
    [{ broker: 'localhost' }, /--broker takes a URL/],
    [{ devices: 0 }, /--devices takes a whole number from 1 to 100000, not 0/],
    [{ loss: 1.5 }, /--loss takes a chance per frame from 0 to 1, not 1.5/],
    [{ reboots: Number.NaN }, /--reboots takes a chance/],
    [{ interval: '5' }, /--interval takes a duration/],
  ])('refuses %j', async (options, message) => {
    const verb = run(options)
    expect(await verb.exit).toBe(64)
    expect(verb.err()).toMatch(message)
  })

  it('ends with 78 and every problem for a scenario that is none', async () => {
    const missing = run({ config: 'config/scenarios/nowhere.yaml' })
    expect(await missing.exit).toBe(78)
    expect(missing.err()).toMatch(/ENOENT/)
    const wrong = run({ config: 'package.json' })
    expect(await wrong.exit).toBe(78)
    expect(wrong.err()).toMatch(/^package\.json:\d+:\d+: /)
  })

  it('ends with 69 where its broker cannot listen', async () => {
    const port = await freePort()
    const first = run({ devices: 1, brokerPort: port })
    await vi.waitUntil(() => first.out() !== '', 10_000)
    const second = run({ devices: 1, brokerPort: port })
    expect(await second.exit).toBe(69)
    expect(second.err()).toMatch(new RegExp(String(port)))
  })
})
