import { chmodSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { connectAsync } from 'mqtt'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { stringify } from 'yaml'
import { systemClock } from '../../src/clock.js'
import {
  type DoctorOptions,
  type DoctorPorts,
  doctor,
  realPorts,
} from '../../src/commands/doctor.js'
import type { DoctorFinding } from '../../src/commands/doctor-finding.js'
import { clockCheck, nodeVersion } from '../../src/commands/doctor-machine.js'
import { EmbeddedBroker } from '../../src/transport/index.js'
import { freePort } from '../support/free-port.js'
import { Mosquitto, type MosquittoOptions, withoutMosquitto } from '../support/mosquitto.js'
import { openPseudoTerminal } from '../support/pseudo-terminal.js'
import { recordedIo } from '../support/recorded-io.js'
import { temporaryDirectory } from '../support/temporary-directory.js'

const climate = {
  frames: 'compact',
  channels: [{ name: 'temperature', quantity: 'temperature', resolution: 0.1 }],
}

interface Seen {
  readonly code: number
  readonly out: string
  readonly checks: readonly DoctorFinding[]
  readonly cwd: string
  /** The one finding of this name. */
  of(check: string): DoctorFinding
}

/** Where it is silence that tells. */
const HASTY: DoctorOptions = { json: true, timeout: 1000 }

/** What the doctor says of a configuration: as JSON, and as text where that is asked for. */
async function examined(
  broker: object,
  sections: object = {},
  options: DoctorOptions = { json: true },
  ports: Partial<DoctorPorts> = {},
): Promise<Seen> {
  const cwd = temporaryDirectory('alec-doctor-')
  const document = {
    version: 1,
    bridge: { id: 'gw-1' },
    broker,
    state_dir: 'state',
    models: { climate },
    sources: [{ mqtt: { topic: 'alec/{device}/frame' } }],
    devices: { shed: { model: 'climate' } },
    ...sections,
  }
  writeFileSync(join(cwd, 'alec-bridge.yaml'), stringify(document))
  writeFileSync(join(cwd, 'secret'), 'word', { mode: 0o600 })
  const io = recordedIo(cwd)
  const code = await doctor(options, io, { ...realPorts, ...ports })
  const checks: DoctorFinding[] = options.json ? JSON.parse(io.out).checks : []
  const of = (check: string) =>
    checks.find((finding) => finding.check === check) ?? expect.fail(`no ${check} in ${io.out}`)
  return { code, out: io.out, checks, cwd, of }
}

describe('the doctor, of the machine', () => {
  it.each([
    ['20.19.0', 'ok'],
    ['22.1.0', 'ok'],
    ['20.18.3', 'fail'],
    ['18.20.0', 'fail'],
  ])('finds Node %s %s', (version, verdict) => {
    expect(nodeVersion(version).verdict).toBe(verdict)
  })

  it('knows whether the clock was set, and by whom', () => {
    const now = Date.UTC(2026, 10, 27)
    const with_ = (...paths: string[]) => clockCheck(now, (path) => paths.includes(path))
    expect(clockCheck(0).verdict).toBe('fail')
    expect(with_('/run/systemd/timesync', '/run/systemd/timesync/synchronized')).toMatchObject({
      verdict: 'ok',
      seen: '2026-11-27T00:00:00Z, kept by a time server',
    })
    expect(with_('/run/systemd/timesync').verdict).toBe('warn')
    expect(with_().verdict).toBe('ok')
  })

  it('measures the disk of the state directory, and leaves nothing there', async () => {
    const port = await freePort()
    const { of, cwd } = await examined({ embedded: { port } })
    expect(of('state directory').seen).toContain(`${join(cwd, 'state')} (to be made in ${cwd})`)
    expect(of('disk')).toMatchObject({ verdict: 'ok', seen: expect.stringMatching(/ ms \(median/) })
    expect(of('disk space').seen).toMatch(/^\d+ MiB free of \d+ MiB/)
    expect(readdirSync(cwd).sort()).toEqual(['alec-bridge.yaml', 'secret'])
  })

  it('warns where the journal may outgrow the disk', async () => {
    const { of, code } = await examined(
      { embedded: { port: await freePort() } },
      { journal: { max_size: '900GiB' } },
    )
    expect(of('disk space')).toMatchObject({
      verdict: 'warn',
      advice: expect.stringContaining('journal.max_size'),
    })
    expect(code).toBe(0)
  })

  it('names each problem of a configuration, and looks no further', async () => {
    const { code, of, checks } = await examined({}, { devices: { shed: { model: 'climat' } } })
    expect(code).toBe(78)
    expect(of('configuration')).toMatchObject({
      verdict: 'fail',
      seen: expect.stringContaining('climat'),
    })
    expect(checks.map(({ check }) => check)).toEqual(['node', 'clock', 'configuration'])
  })

  it('finds the port of the dashboard free, or taken', async () => {
    const port = await freePort()
    const dashboard = async () =>
      (await examined({ embedded: { port: await freePort() } }, { http: { port } })).of('dashboard')
    expect(await dashboard()).toMatchObject({ verdict: 'ok', seen: `127.0.0.1:${port} is free` })
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    expect(await dashboard()).toMatchObject({
      verdict: 'warn',
      advice: expect.stringContaining('http.port'),
    })
  })

  it('looks at ports of all kinds', async () => {
    const terminal = openPseudoTerminal()
    onTestFinished(() => terminal.close())
    const server = createServer((socket) => socket.destroy())
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const address = server.address()
    const tcp = `tcp://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
    const nowhere = `tcp://127.0.0.1:${await freePort()}`
    const serial = (path: string, device: string) => ({ serial: { path, device } })
    const { of, code } = await examined(
      { embedded: { port: await freePort() } },
      {
        sources: [
          serial(terminal.path, 'a'),
          serial('/dev/nothing-here', 'b'),
          serial(tcp, 'c'),
          serial(nowhere, 'd'),
          { serial: { match: { vendor: 'ffff', product: 'fffe' }, device: 'e' } },
        ],
        devices: Object.fromEntries([...'abcde'].map((id) => [id, { model: 'climate' }])),
      },
    )
    expect(of(`port ${terminal.path}`)).toMatchObject({ verdict: 'ok', seen: 'may be opened' })
    expect(of('port /dev/nothing-here')).toMatchObject({ verdict: 'fail', seen: 'is not there' })
    expect(of(`port ${tcp}`)).toMatchObject({ verdict: 'ok', seen: 'takes connections' })
    expect(of(`port ${nowhere}`).seen).toContain('nothing listens')
    expect(of('port usb:ffff:fffe:*').seen).toContain('is not there')
    expect(code).toBe(69)
  })
})

describe('the doctor, of the embedded broker', () => {
  it('finds its port free, or taken by what is no broker', async () => {
    const port = await freePort()
    expect((await examined({ embedded: { port } })).of('broker')).toMatchObject({ verdict: 'ok' })
    const server = createServer((socket) => socket.destroy())
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const { of, code } = await examined({ embedded: { port } })
    expect(of('broker')).toMatchObject({
      verdict: 'fail',
      advice: expect.stringContaining('broker.embedded.port'),
    })
    expect(code).toBe(69)
  })

  it('says where another broker has its port', async () => {
    const broker = new EmbeddedBroker({ host: '127.0.0.1', port: 0, clock: systemClock })
    await broker.start()
    onTestFinished(() => broker.stop())
    const port = Number(new URL(broker.address ?? '').port)
    const { of } = await examined({ embedded: { port } })
    expect(of('bridge')).toMatchObject({
      verdict: 'fail',
      advice: expect.stringContaining('broker.url'),
    })
    expect(of('mqtt version').seen).toContain('3.1.1')
  })
})

describe.skipIf(withoutMosquitto())('the doctor, of a real broker', () => {
  let open: Mosquitto

  beforeAll(async () => {
    open = await Mosquitto.start()
  })

  afterAll(() => open.stop())

  async function mosquitto(options: MosquittoOptions): Promise<Mosquitto> {
    const broker = await Mosquitto.start(options)
    onTestFinished(() => broker.stop())
    return broker
  }

  it('finds it well, and leaves nothing behind', async () => {
    const { code, of, checks } = await examined({ url: open.url })
    expect(checks.filter(({ verdict }) => verdict === 'fail')).toEqual([])
    expect(code).toBe(0)
    expect(of('mqtt version')).toMatchObject({ verdict: 'ok', seen: 'MQTT 5' })
    expect(of('access').seen).toMatch(/published to alec\/bridge\/response\/doctor and got it back/)
    expect(of('retained messages').verdict).toBe('ok')
    expect(of('source alec/{device}/frame').verdict).toBe('ok')
    expect(of('bridge').seen).toBe('does not run now')
    const client = await connectAsync(open.url)
    onTestFinished(() => client.endAsync())
    const kept: string[] = []
    client.on('message', (topic) => kept.push(topic))
    // What it had kept would come before the answer to a later subscription.
    await client.subscribeAsync('alec/#')
    await client.subscribeAsync('other')
    expect(kept).toEqual([])
  })

  it('prints it for people, the advice under what is not well', async () => {
    const { out } = await examined({ url: `mqtt://127.0.0.1:${await freePort()}` }, {}, {})
    expect(out).toMatch(/^ok {4}node: /m)
    expect(out).toMatch(/^FAIL {2}broker: .*no broker listens there/m)
    expect(out).toMatch(/^ {6}do: check broker\.url/m)
    expect(out).toMatch(/^\d+ checks: 1 failed, \d+ doubtful$/m)
  })

  it('knows a wrong password from a broker that is not there', async () => {
    const broker = await mosquitto({ config: ['allow_anonymous false'] })
    const { of, code } = await examined({
      url: broker.url,
      username: 'gw',
      password_file: 'secret',
    })
    expect(of('broker login')).toMatchObject({
      verdict: 'fail',
      advice: expect.stringContaining('password_file'),
    })
    expect(code).toBe(69)
  })

  it('finds that it may not publish, or does not get to read it', async () => {
    const rules = async (acl: string) => {
      const broker = await mosquitto({
        config: ['allow_anonymous true', 'acl_file %DIR%/acl'],
        files: { acl },
      })
      return (await examined({ url: broker.url }, {}, HASTY)).of('access')
    }
    expect(await rules('topic read alec/#\n')).toMatchObject({
      verdict: 'fail',
      seen: expect.stringContaining('publishing alec/bridge/response/doctor'),
    })
    expect(await rules('topic write alec/#\n')).toMatchObject({
      verdict: 'fail',
      seen: expect.stringContaining('does not come back'),
    })
  })

  it('finds that nothing is retained', async () => {
    const broker = await mosquitto({ config: ['allow_anonymous true', 'retain_available false'] })
    const { of, code } = await examined({ url: broker.url }, {}, HASTY)
    expect(of('retained messages')).toMatchObject({
      verdict: 'warn',
      advice: expect.stringContaining('bridge/snapshot'),
    })
    expect(code).toBe(0)
  })
})

describe('the doctor, without rights', () => {
  it('says that the state directory may not be written', async () => {
    // Root may everything: a file in the way is what stops it, too.
    const cwd = temporaryDirectory('alec-doctor-')
    mkdirSync(join(cwd, 'dir'))
    writeFileSync(join(cwd, 'dir/file'), '')
    chmodSync(join(cwd, 'dir/file'), 0o400)
    symlinkSync(join(cwd, 'dir/file'), join(cwd, 'link'))
    const { of } = await examined(
      { embedded: { port: await freePort() } },
      {},
      { json: true, stateDir: join(cwd, 'link/state') },
    )
    expect(of('state directory').verdict).toBe('fail')
  })
})
