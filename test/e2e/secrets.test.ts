import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { stringify } from 'yaml'
import { NODE_MODEL } from '../faults/measured-node.js'
import { TestAuthority, withoutOpenssl } from '../support/certificates.js'
import { freePort } from '../support/free-port.js'
import { Mosquitto, withoutMosquitto } from '../support/mosquitto.js'
import { Observer } from '../transport/observer.js'
import { Program } from './program.js'

/** Texts that nothing else holds. */
const CANARY = {
  password: 'canary-Zq7Xw9K3vPm2',
  user: 'canary-Hn4Tt8Rb6Lw1',
  window: 'canary-Td5Yk2Nc8Vf3-window',
  scraper: 'canary-Wb6Js4Qm9Xg7-scraper',
}

let directory: string
let programs: Program[]
/** What was heard on topics, besides what the programs printed. */
let heard: string[]

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'alec-canary-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  programs = []
  heard = []
})

afterEach(() => {
  const printed = programs.flatMap(({ stdout, stderr }) => [stdout.text, stderr.text])
  const state = join(directory, 'state')
  const kept = readdirSync(state, { recursive: true, encoding: 'latin1', withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
  expect(kept.length).toBeGreaterThan(0)
  expect(heard.length).toBeGreaterThan(5)
  const key = /PRIVATE KEY-----\n(.{20})/.exec(secret('server.key'))?.[1] ?? CANARY.user
  for (const text of [...printed, ...heard, ...kept]) {
    for (const canary of [...Object.values(CANARY), key]) expect(text).not.toContain(canary)
  }
})

function secret(name: string): string {
  try {
    return readFileSync(join(directory, name), 'utf8')
  } catch {
    return ''
  }
}

function file(name: string, text: string): string {
  const path = join(directory, name)
  writeFileSync(path, text, { mode: 0o600 })
  chmodSync(path, 0o600)
  return path
}

const site = (broker: object, level = 'trace') =>
  file(
    'alec-bridge.yaml',
    stringify({
      version: 1,
      bridge: { id: 'gw-canary' },
      broker,
      state_dir: 'state',
      http: {
        port: 0,
        token_file: file('window.token', CANARY.window),
        metrics: { token_file: file('scraper.token', CANARY.scraper) },
      },
      homeassistant: {},
      log: { level },
      models: { climate: NODE_MODEL },
      sources: [{ mqtt: { topic: 'alec/{device}/frame' } }],
      devices: { 'n-1': { model: 'climate' } },
    }),
  )

function start(args: readonly string[], input?: string): Program {
  const program = Program.start(args, input === undefined ? {} : { input })
  programs.push(program)
  return program
}

/** Every verb that ends by itself, with this configuration. */
async function everyVerb(config: string): Promise<void> {
  const device = ['--device', 'n-1']
  const verbs: (readonly [args: readonly string[], input?: string])[] = [
    [['check', '-c', config]],
    [['check', '-c', config, '--json']],
    [['decode', '-c', config, ...device], 'a1000000000341a80000\n'],
    [['explain', '-c', config, ...device, 'a1000000000f41a8000042400000']],
    [['context', 'show', 'n-1', '-c', config]],
    [['context', 'export', 'n-1', '-c', config, '--force']],
    [['password'], CANARY.password],
    [['run', '-c', config, '--for', 'x']],
    [['--version']],
  ]
  const ended = verbs.map(([args, input]) => start(args, input).ended(20_000))
  const codes = await Promise.all(ended)
  // Some have nothing to show, and say so; none breaks.
  for (const code of codes) expect([0, 64, 65, 74]).toContain(code)
}

const stop = async (bridge: Program): Promise<void> => {
  // What everybody on the machine can see.
  const arguments_ = readFileSync(`/proc/${bridge.pid}/cmdline`, 'latin1')
  expect(arguments_).toContain('run')
  heard.push(arguments_)
  bridge.signal('SIGTERM')
  expect(await bridge.ended()).toBe(0)
}

async function listen(url: string, options: object): Promise<Observer> {
  const observer = await Observer.connect(url, options)
  onTestFinished(() => observer.close())
  await observer.client.subscribeAsync(['#', '$SYS/#'], { qos: 1 })
  return observer
}

/** Everything that the window shows, to those who may look in and to others. */
async function lookIn(bridge: Program): Promise<void> {
  const window = await bridge.stdout.until('the address of the window', ({ documents }) => {
    const found = documents.find(({ msg }) => msg === 'bridge started')?.dashboard
    return typeof found === 'string' ? found : undefined
  })
  for (const token of ['', CANARY.window, CANARY.scraper, `${CANARY.window}!`]) {
    for (const path of ['/metrics', '/livez', '/readyz', '/login', `/${CANARY.window}`]) {
      const headers = token === '' ? {} : { authorization: `Bearer ${token}` }
      const answer = await fetch(`${window}${path}`, { headers })
      heard.push(await answer.text(), JSON.stringify([...answer.headers]))
    }
  }
}

const remember = ({ seen }: Observer) =>
  heard.push(...seen.flatMap(({ topic, payload }) => [topic, payload]))

describe('a secret is in no output, no topic and no file of the state', () => {
  it.skipIf(withoutOpenssl())('where it is of the embedded broker', async () => {
    const authority = new TestAuthority()
    const server = authority.issue({ commonName: 'localhost', names: 'DNS:localhost' })
    onTestFinished(() => authority.remove())
    const config = site({
      embedded: {
        port: 0,
        tls: { cert: file('server.pem', server.cert), key: file('server.key', server.key) },
        users: [
          { name: 'n-1', password_file: file('n-1.pw', CANARY.user) },
          { name: 'root', password_file: file('root.pw', CANARY.password), admin: true },
        ],
      },
    })
    const bridge = start(['run', '-c', config, '--broker-port', '0'])
    const address = await bridge.stderr.until(
      'the address of the broker',
      ({ text }) => /broker: (mqtts:\S+)/.exec(text)?.[1],
    )
    const url = address.replace('127.0.0.1', 'localhost')
    const root = { clientId: 'root', username: 'root', ca: authority.cert }
    const observer = await listen(url, { ...root, password: CANARY.password })
    // Failed logins as well, with the password where the user belongs.
    for (const username of ['n-1', CANARY.password]) {
      const wrong = { clientId: 'n-1', username, password: 'wrong', ca: authority.cert }
      await expect(Observer.connect(url, wrong)).rejects.toThrow()
    }
    const device = await Observer.connect(url, {
      clientId: 'n-1',
      username: 'n-1',
      password: CANARY.user,
      ca: authority.cert,
    })
    await device.publish('alec/n-1/frame', Buffer.from('a1000000000f41a8000042400000', 'hex'))
    await observer.until((seen) => seen.some(({ topic }) => topic === 'alec/n-1/readings'))
    await observer.until((seen) => seen.some(({ topic }) => topic.startsWith('$SYS/')))
    await device.close()
    await lookIn(bridge)
    remember(observer)
    await stop(bridge)
    await everyVerb(config)
  })

  it.skipIf(withoutMosquitto())('where it is for an existing broker', async () => {
    const mosquitto = await Mosquitto.start()
    onTestFinished(() => mosquitto.stop())
    const refusing = await Mosquitto.start({ config: ['allow_anonymous false'] })
    onTestFinished(() => refusing.stop())
    const access = { username: 'bridge', password_file: file('broker.pw', `${CANARY.password}\n`) }
    const config = site({ url: mosquitto.url, ...access })
    const observer = await listen(mosquitto.url, {})
    const bridge = start(['run', '-c', config])
    await observer.until((seen) => seen.some(({ topic }) => topic === 'alec/bridge/status'))
    await lookIn(bridge)
    await stop(bridge)
    remember(observer)
    await everyVerb(config)
    // Brokers that refuse it, and that are not there.
    for (const url of [refusing.url, `mqtt://127.0.0.1:${await freePort()}`]) {
      const lost = start(['run', '-c', site({ url, ...access })])
      await lost.stdout.until('why the broker is away', ({ documents }) =>
        documents.find(({ kind }) => kind === 'away'),
      )
      await stop(lost)
    }
    // And in the configuration itself.
    const plain = site({ url: mosquitto.url, username: 'bridge', password: CANARY.password })
    await everyVerb(plain)
  })
})
