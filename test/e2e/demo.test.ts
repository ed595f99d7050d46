import { existsSync } from 'node:fs'
import { spawn } from '@lydell/node-pty'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { demoNodesOn } from './demo-scenario.js'
import { assertBuilt, CLI, Program } from './program.js'

const RUNS_MS = 12_000

const onLines = demoNodesOn('pty')
const onMqtt = demoNodesOn('mqtt')
const nodes = [...onLines, ...onMqtt]

/** A published message as the demo prints it, and when that was read. */
interface Told {
  readonly topic: string
  readonly payload: unknown
  readonly retain: boolean
  /** Milliseconds after the start of the process. */
  readonly at: number
}

// It runs while the tests of the others do.
let demo: Program
let end = async () => {}
let ended: Promise<number | string | null>
let ranMs = 0

beforeAll(() => {
  const args = ['demo', '--for', `${RUNS_MS}ms`, '--json', '--broker-port', '0']
  demo = Program.start(args, {
    onDone: (ending) => {
      end = ending
    },
  })
  ended = demo.ended(RUNS_MS + 8000).finally(() => {
    ranMs = performance.now() - demo.startedAt
  })
  // Whoever waits for it learns of a failure.
  ended.catch(() => {})
})
afterAll(() => end())

describe('alec-bridge demo, stopped', () => {
  it('prints plain lines where nobody asks for JSON, and ends with 0 on SIGINT', async () => {
    const program = Program.start(['demo', '--broker-port', '0', '--for', '1min'])
    await program.stdout.until('readings', ({ text }) =>
      /^alec\/[\w-]+\/readings \{"ts":/m.test(text),
    )
    const [lines = ''] = /(?<=^lines: ).*$/m.exec(program.stderr.text) ?? []
    const paths = lines.split(' ')
    expect(paths.map((path) => existsSync(path))).toEqual([true, true, true])

    program.signal('SIGINT')
    expect(await program.ended(5000)).toBe(0)
    expect(program.stdout.lines.at(-1)?.text).toBe('alec/bridge/state offline')
    expect(program.hasLeftovers).toBe(false)
    expect(paths.map((path) => existsSync(path))).toEqual([false, false, false])
  })

  it('shows a live table on a terminal, and ends with 0 on Ctrl-C', async () => {
    assertBuilt()
    // On the port that it prefers, or on any other where that is taken.
    const program = spawn(process.execPath, [CLI, 'demo', '--for', '1min'], { cols: 120, rows: 40 })
    let exited = false
    onTestFinished(() => {
      if (!exited) program.kill('SIGKILL')
    })
    const exit = new Promise<number>((resolve) => {
      program.onExit(({ exitCode }) => {
        exited = true
        resolve(exitCode)
      })
    })
    let screen = ''
    await new Promise<void>((resolve) => {
      program.onData((text) => {
        screen += text
        if (/greenhouse-1 +online +\w+ +closed +exact +\d+ +temperature -?\d/.test(screen))
          resolve()
      })
    })
    program.write('\x03')
    expect(await exit).toBe(0)
    for (const id of nodes) expect(screen).toContain(id)
  })

  it('stops where whoever reads its output has gone', async () => {
    assertBuilt()
    const pipeline = `"${process.execPath}" "${CLI}" demo --json --broker-port 0 --for 1min | head -n 1`
    const program = Program.other('sh', ['-c', pipeline])
    expect(await program.ended()).toBe(0)
    expect(program.hasLeftovers).toBe(false)
    expect(program.stdout.lines).toHaveLength(1)
    expect(performance.now() - program.startedAt).toBeLessThan(10_000)
  })
})

describe(`alec-bridge demo --for ${RUNS_MS / 1000}s --json`, () => {
  let exit: number | string | null
  const told: Told[] = []

  beforeAll(async () => {
    exit = await ended
    for (const { text, at } of demo.stdout.lines) {
      told.push({ ...JSON.parse(text), at: at - demo.startedAt })
    }
  })

  const on = (topic: string) => told.filter((message) => message.topic === topic)
  const payloadsOn = (topic: string) => on(topic).map(({ payload }) => payload)
  const readingsOf = (id: string) => payloadsOn(`alec/${id}/readings`) as Record<string, unknown>[]

  it('ends by itself, with 0, and leaves no process', () => {
    expect(exit).toBe(0)
    expect(ranMs).toBeGreaterThan(RUNS_MS)
    expect(ranMs).toBeLessThan(RUNS_MS + 5000)
    expect(demo.hasLeftovers).toBe(false)
  })

  it('prints nothing on stdout but one JSON document a message', () => {
    expect(told.length).toBeGreaterThan(100)
    for (const message of told) {
      expect(message).toEqual({
        topic: expect.stringMatching(/^alec\/[\w-]+(\/[\w-]+)+$/),
        payload: expect.anything(),
        retain: expect.any(Boolean),
        at: expect.any(Number),
      })
    }
  })

  it('shows within 10 s readings of all its nodes: 4 on three pseudo-terminals, 7 on MQTT', () => {
    expect([onLines.length, onMqtt.length]).toEqual([4, 7])
    for (const id of nodes) {
      const first = on(`alec/${id}/readings`)[0]
      expect(first?.at, id).toBeLessThan(10_000)
      expect(first, id).toMatchObject({
        retain: false,
        payload: {
          ts: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
          epoch: 1,
          seq: expect.any(Number),
          quality: expect.stringMatching(/^(good|uncertain)$/),
        },
      })
    }
  })

  it('hears every node from its first frame on, so that it starts exact', () => {
    // The sheds are on a radio link that loses frames, their first one perhaps.
    for (const id of nodes.filter((node) => !node.startsWith('shed-'))) {
      expect(readingsOf(id)[0], id).toMatchObject({ seq: 0, quality: 'good' })
    }
  })

  it('calls every reading good of the nodes whose links lose nothing', () => {
    for (const id of ['greenhouse-1', 'cellar-1', 'cold-store-1', 'meter-1', 'office-1']) {
      expect(readingsOf(id).length, id).toBeGreaterThan(3)
      const qualities = new Set(readingsOf(id).map(({ quality }) => quality))
      expect(qualities, id).toEqual(new Set(['good']))
    }
  })

  it('retains status, health, circuit and availability of every node, and nothing else of it', () => {
    for (const id of nodes) {
      expect(payloadsOn(`alec/${id}/availability`), id).toContain('online')
      expect(payloadsOn(`alec/${id}/status/health`).at(-1), id).toMatch(/^(healthy|degraded)$/)
      expect(payloadsOn(`alec/${id}/status/circuit`).at(-1), id).toBe('closed')
      expect(payloadsOn(`alec/${id}/status`).at(-1), id).toMatchObject({
        bridge: 'demo',
        ttl: 60,
        circuit: 'closed',
        frames: { received: expect.any(Number) },
      })
    }
    const leavesThat = (retain: boolean) =>
      new Set(
        told
          .filter(
            (message) => message.retain === retain && !message.topic.startsWith('alec/bridge/'),
          )
          .map(({ topic }) => topic.split('/').slice(2).join('/')),
      )
    expect(leavesThat(true)).toEqual(
      new Set(['availability', 'status', 'status/health', 'status/circuit']),
    )
    expect(
      [...leavesThat(false)].filter((leaf) => !['readings', 'event', 'command'].includes(leaf)),
    ).toEqual([])
  })

  it('is online once all is retained, and says offline as its very last word', () => {
    expect(payloadsOn('alec/bridge/state')).toEqual(['online', 'offline'])
    expect(
      told.filter(({ topic }) => topic.startsWith('alec/bridge/')).every(({ retain }) => retain),
    ).toBe(true)
    const online = told.findIndex(({ topic }) => topic === 'alec/bridge/state')
    const before = new Set(told.slice(0, online).map(({ topic }) => topic))
    for (const id of nodes) expect(before, id).toContain(`alec/${id}/status/circuit`)
    expect(told.at(-1)?.topic).toBe('alec/bridge/state')
  })

  it('prints the broker that it got on stderr, and no error', () => {
    expect(demo.stderr.text).toMatch(/broker mqtt:\/\/127\.0\.0\.1:\d+,/)
    expect(demo.stderr.documents.filter(({ level }) => Number(level) >= 50)).toEqual([])
  })
})
