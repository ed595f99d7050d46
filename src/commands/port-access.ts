import { constants } from 'node:fs'
import { access, readdir, readFile, readlink, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** Where the system tells of itself; tests put directories of their own in their place. */
export interface SystemPaths {
  readonly dev: string
  readonly sysfs: string
  readonly proc: string
  readonly etc: string
}

export const systemPaths: SystemPaths = { dev: '/dev', sysfs: '/sys', proc: '/proc', etc: '/etc' }

/** A process that has a port open. */
export interface Holder {
  readonly pid: number
  readonly command: string
}

/** Whether we may open a port, as far as that can be told without opening it, which would reset many boards. */
export interface PortAccess {
  readonly verdict: 'ok' | 'busy' | 'denied' | 'gone' | 'no-port'
  readonly message: string
  /** What to do about it. */
  readonly advice?: string
  /** Those that we may know of: of other users' processes only root may. */
  readonly heldBy: readonly Holder[]
}

export async function portAccess(path: string, system = systemPaths): Promise<PortAccess> {
  try {
    const { gid, mode } = await statPort(path)
    await access(path, constants.R_OK | constants.W_OK).catch(() => {
      throw new Denied(gid, mode)
    })
  } catch (error) {
    if (error instanceof Denied) return denied(path, error, system)
    if (error instanceof NoPort) {
      const advice = 'check the path; `alec-bridge ports` lists the ports'
      return { verdict: 'no-port', message: 'is no serial port', advice, heldBy: [] }
    }
    const message = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    const isGone = message === 'ENOENT'
    return {
      verdict: isGone ? 'gone' : 'denied',
      message: isGone ? 'is not there' : `cannot be looked at: ${message}`,
      advice: isGone ? 'plug it in, or check the path' : 'check the directories on the way to it',
      heldBy: [],
    }
  }
  const heldBy = await holdersOf(path, system)
  if (heldBy.length === 0) return { verdict: 'ok', message: 'may be opened', heldBy }
  const names = heldBy.map(({ pid, command }) => `${command} (${pid})`).join(', ')
  const advice = 'stop it, or let it have the port: two readers would get half of the bytes each'
  return { verdict: 'busy', message: `is held by ${names}`, advice, heldBy }
}

class NoPort extends Error {}

class Denied extends Error {
  readonly gid: number
  readonly mode: number

  constructor(gid: number, mode: number) {
    super('no permission')
    this.gid = gid
    this.mode = mode
  }
}

async function statPort(path: string) {
  const stats = await stat(path)
  if (!stats.isCharacterDevice()) throw new NoPort()
  return stats
}

const GROUP_MAY = 0o060

async function denied(
  path: string,
  { gid, mode }: Denied,
  system: SystemPaths,
): Promise<PortAccess> {
  const groups = await readFile(join(system.etc, 'group'), 'utf8').catch(() => '')
  const group = groupName(groups, gid)
  return {
    verdict: 'denied',
    ...adviceFor(path, group, mode, process.getgroups?.() ?? [], gid),
    heldBy: [],
  }
}

/** What keeps us out, and what lets us in. */
export function adviceFor(
  path: string,
  group: string | undefined,
  mode: number,
  ours: readonly number[],
  gid: number,
): { readonly message: string; readonly advice: string } {
  const name = group ?? String(gid)
  if ((mode & GROUP_MAY) !== GROUP_MAY || gid === 0) {
    return {
      message: `may be opened by ${gid === 0 ? 'root' : `no member of ${name}`} alone`,
      advice: `give it to group dialout by a udev rule (config/99-alec-serial.rules), then plug it in again`,
    }
  }
  if (ours.includes(gid)) {
    return {
      message: `is refused although this process is in group ${name}`,
      advice: 'look at its access list (getfacl), and whether a container hides the device',
    }
  }
  return {
    message: `is for members of group ${name}, of which this process is none`,
    advice: `sudo usermod -aG ${name} $USER, then log in again; a service needs SupplementaryGroups=${name}. (${path})`,
  }
}

export function groupName(groups: string, gid: number): string | undefined {
  for (const line of groups.split('\n')) {
    const [name, , id] = line.split(':')
    if (name && id === String(gid)) return name
  }
  return undefined
}

/** The processes that have a path open, but for this one. */
async function holdersOf(path: string, { proc }: SystemPaths): Promise<Holder[]> {
  const target = await realpath(path)
  const pids = await readdir(proc).catch(() => [])
  const holders = await Promise.all(
    pids.map(async (name): Promise<Holder[]> => {
      const pid = Number(name)
      if (!Number.isInteger(pid) || pid === process.pid) return []
      const held = await links(join(proc, name, 'fd'))
      if (!held.includes(target)) return []
      const command = await readFile(join(proc, name, 'comm'), 'utf8').catch(() => '?')
      return [{ pid, command: command.trim() }]
    }),
  )
  return holders.flat().sort((a, b) => a.pid - b.pid)
}

/** Where the links in a directory lead; none where we may not look, or it vanishes meanwhile. */
async function links(directory: string): Promise<string[]> {
  const names = await readdir(directory).catch(() => [])
  const targets = await Promise.all(
    names.map((name) => readlink(join(directory, name)).catch(() => undefined)),
  )
  return targets.filter((target) => target !== undefined)
}
