import { readdir, readFile, realpath } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { listSerialPorts, type SerialPortIdentity } from '../transport/index.js'
import { type CommandIo, Exit } from './io.js'
import { type PortAccess, portAccess, type SystemPaths, systemPaths } from './port-access.js'

export interface PortsOptions {
  /** Ports without hardware behind them as well. */
  readonly all?: boolean
  readonly json?: boolean
}

/** What is known of one port. */
export interface PortReport extends SerialPortIdentity {
  /** Names that stay the same: by the adapter's identity, and by the socket that it is in. */
  readonly byId?: string
  readonly byPath?: string
  readonly access: PortAccess
}

/** Lists the serial ports of this machine, or looks at those that are named, without opening any. */
export async function ports(
  paths: readonly string[],
  { all = false, json = false }: PortsOptions,
  io: CommandIo,
  system = systemPaths,
): Promise<number> {
  const found = await identities(paths, all, system)
  const stable = await stableNames(system)
  const reports = await Promise.all(found.ports.map((port) => reportOf(port, stable, system)))
  if (json) io.stdout(`${JSON.stringify(reports)}\n`)
  else if (reports.length > 0) io.stdout(reports.map(paragraph).join('\n'))
  else
    io.stderr(
      'no serial port: is the adapter plugged in? `dmesg` tells what the system saw of it\n',
    )
  if (!json && found.hidden > 0)
    io.stderr(`without hardware, so left out: ${found.hidden} (--all shows them)\n`)
  return paths.length > 0 ? exitFor(reports) : Exit.ok
}

function exitFor(reports: readonly PortReport[]): number {
  const verdicts = reports.map(({ access }) => access.verdict)
  if (verdicts.includes('denied')) return Exit.noPermission
  return verdicts.every((verdict) => verdict === 'ok') ? Exit.ok : Exit.unavailable
}

interface Identities {
  readonly ports: readonly SerialPortIdentity[]
  readonly hidden: number
}

async function identities(
  paths: readonly string[],
  all: boolean,
  { sysfs }: SystemPaths,
): Promise<Identities> {
  // A machine without a /sys of this kind has no such ports.
  const listed = await listSerialPorts(sysfs).catch(() => [])
  if (paths.length > 0) {
    const ports = await Promise.all(
      paths.map(async (path) => {
        const target = await realpath(path).catch(() => path)
        return listed.find((port) => port.path === target) ?? { path }
      }),
    )
    return { ports, hidden: 0 }
  }
  const real: SerialPortIdentity[] = []
  for (const port of listed) if (all || (await hasHardware(port, sysfs))) real.push(port)
  return { ports: real, hidden: listed.length - real.length }
}

/** The kernel keeps some /dev/ttyS for hardware that might be there; of those it does not know the type. */
async function hasHardware({ path }: SerialPortIdentity, sysfs: string): Promise<boolean> {
  const type = await readFile(join(sysfs, 'class/tty', basename(path), 'type'), 'utf8').catch(
    () => undefined,
  )
  return type?.trim() !== '0'
}

interface StableNames {
  readonly byId: ReadonlyMap<string, string>
  readonly byPath: ReadonlyMap<string, string>
}

async function stableNames({ dev }: SystemPaths): Promise<StableNames> {
  const [byId, byPath] = await Promise.all([
    linksIn(join(dev, 'serial/by-id')),
    linksIn(join(dev, 'serial/by-path')),
  ])
  return { byId, byPath }
}

/** The links in a directory, by what they lead to; none where there is no such directory. */
async function linksIn(directory: string): Promise<ReadonlyMap<string, string>> {
  const names = await readdir(directory).catch(() => [])
  const links = new Map<string, string>()
  for (const name of names.sort()) {
    const link = join(directory, name)
    const target = await realpath(link).catch(() => undefined)
    if (target !== undefined && !links.has(target)) links.set(target, link)
  }
  return links
}

/** The name of a port that stays the same, where it has one; else its path as it is. */
export async function stablePathOf(path: string, system = systemPaths): Promise<string> {
  const { byId } = await stableNames(system)
  const target = await realpath(path).catch(() => path)
  return target === path ? (byId.get(target) ?? path) : path
}

async function reportOf(
  port: SerialPortIdentity,
  { byId, byPath }: StableNames,
  system: SystemPaths,
): Promise<PortReport> {
  const target = await realpath(port.path).catch(() => port.path)
  const [id, place] = [byId.get(target), byPath.get(target)]
  return {
    ...port,
    ...(id !== undefined && { byId: id }),
    ...(place !== undefined && { byPath: place }),
    access: await portAccess(port.path, system),
  }
}

function paragraph({ access, ...port }: PortReport): string {
  const { vendor, product, vendorName, productName, serialNumber } = port
  const ids = vendor && `${vendor}:${product ?? '????'}`
  const named = [vendorName, productName].filter((name) => name !== undefined).join(' ')
  const facts = [
    ['by-id', port.byId],
    ['by-path', port.byPath],
    ['adapter', [ids, named].filter((part) => part).join('  ') || undefined],
    ['serial number', serialNumber],
    ['access', `${access.verdict}: ${access.message}`],
    ['do', access.advice],
  ]
  const lines = facts.flatMap(([name, value]) =>
    value === undefined ? [] : [`  ${`${name}:`.padEnd(15)} ${value}\n`],
  )
  return `${port.path}\n${lines.join('')}`
}
