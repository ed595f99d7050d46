import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { stringify } from 'yaml'
import { NODE_MODEL } from '../faults/measured-node.js'
import { openPseudoTerminal, PluggableTerminal } from '../support/pseudo-terminal.js'
import { Observer } from '../transport/observer.js'
import { Program } from './program.js'

/** Writes a configuration file that goes away with the test. */
export function configFile(
  document: object,
  onDone: (end: () => void) => void = onTestFinished,
): string {
  const directory = mkdtempSync(join(tmpdir(), 'alec-e2e-'))
  onDone(() => rmSync(directory, { recursive: true, force: true }))
  const file = join(directory, 'alec-bridge.yaml')
  writeFileSync(file, stringify(document))
  return file
}

export interface Site {
  /** An existing broker; without it the bridge runs one itself, on any free port. */
  readonly brokerUrl?: string
  /** Serial paths by the id of the one device that is there. */
  readonly lines?: Readonly<Record<string, string>>
  /** Devices on the broker. */
  readonly overMqtt?: readonly string[]
  readonly logLevel?: string
  /** Further sections of the configuration. */
  readonly sections?: object
}

/** The configuration of a bridge whose devices are all sensor nodes. */
export function siteConfig(site: Site) {
  const { brokerUrl, lines = {}, overMqtt = [], logLevel = 'info', sections = {} } = site
  const ids = [...Object.keys(lines), ...overMqtt]
  return {
    version: 1,
    bridge: { id: 'gw-test' },
    broker: brokerUrl === undefined ? { embedded: {} } : { url: brokerUrl },
    log: { level: logLevel },
    // As much as a test likes, so that none has to wait for a budget.
    limits: { frames_per_second: 1000, burst: 5000 },
    resync: { min_interval: '50ms', bridge_per_second: 50 },
    models: { climate: NODE_MODEL },
    sources: [
      ...Object.entries(lines).map(([device, path]) => ({ serial: { path, device } })),
      ...(overMqtt.length > 0 ? [{ mqtt: { topic: 'alec/{device}/frame' } }] : []),
    ],
    devices: Object.fromEntries(ids.map((id) => [id, { model: 'climate' }])),
    ...sections,
  }
}

/** Runs `alec-bridge run` on a site; it ends with the test, and by itself where that fails. */
export function runBridge(site: Site, ...args: string[]): Program {
  const port = site.brokerUrl === undefined ? ['--broker-port', '0'] : []
  const file = configFile(siteConfig(site))
  return Program.start(['run', '-c', file, ...port, '--for', '2min', ...args])
}

/** The address of the bridge's own broker, as it prints it. */
export const brokerOf = (bridge: Program): Promise<string> =>
  bridge.stdout.until('the address of the embedded broker', ({ documents }) => {
    const broker = documents.find(({ msg }) => msg === 'bridge started')?.broker
    return typeof broker === 'string' ? broker : undefined
  })

/** What the bridge logged of a door's state. */
export const doorState = (bridge: Program, source: string, kind: string, after = 0) =>
  bridge.stdout.until(
    `${source} ${kind}`,
    ({ documents }) =>
      documents.filter((line) => line.source === source && line.kind === kind)[after],
  )

/** An MQTT client that remembers what it gets, until the test ends. */
export async function observe(url: string, ...filters: string[]): Promise<Observer> {
  const observer = await Observer.connect(url, { reconnectPeriod: 20 })
  onTestFinished(() => observer.close())
  for (const filter of filters) await observer.client.subscribeAsync(filter, { qos: 1 })
  return observer
}

/** A terminal that stays plugged in until the test ends. */
export function fixedTerminal() {
  const terminal = openPseudoTerminal()
  onTestFinished(() => terminal.close())
  return terminal
}

/** A terminal that can be unplugged and comes back. */
export async function pluggedTerminal(): Promise<PluggableTerminal> {
  const terminal = new PluggableTerminal()
  onTestFinished(() => terminal.close())
  await terminal.plug()
  return terminal
}

/** The last payload that was seen on a topic; empty where there was none. */
export const latest = (observer: Observer, topic: string): string =>
  observer.seen.findLast((message) => message.topic === topic)?.payload ?? ''
