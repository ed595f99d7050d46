import { randomBytes } from 'node:crypto'
import { constants, existsSync } from 'node:fs'
import { access, open, stat, statfs, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Clock, isClockSet } from '../clock.js'
import type { Configuration } from '../config/index.js'
import { type DoctorFinding, fail, fine, warn } from './doctor-finding.js'

/** As in the manifest. */
const LEAST_NODE = [20, 19] as const

export function nodeVersion(version: string): DoctorFinding {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [leastMajor, leastMinor] = LEAST_NODE
  const isEnough = major > leastMajor || (major === leastMajor && minor >= leastMinor)
  if (isEnough) return fine('node', version)
  return fail('node', version, `install Node.js ${LEAST_NODE.join('.')} or newer`)
}

const SYNCHRONISED = '/run/systemd/timesync/synchronized'
const TIMESYNCD = '/run/systemd/timesync'

/** Readings carry the machine's time. */
export function clockCheck(
  wall: number,
  exists: (path: string) => boolean = existsSync,
): DoctorFinding {
  const now = `${new Date(wall).toISOString().slice(0, 19)}Z`
  if (!isClockSet(wall))
    return fail('clock', `${now}: never set`, 'set it by NTP: sudo timedatectl set-ntp true')
  if (exists(SYNCHRONISED)) return fine('clock', `${now}, kept by a time server`)
  if (!exists(TIMESYNCD)) return fine('clock', `${now}; who keeps it cannot be told here`)
  return warn(
    'clock',
    `${now}, but no time server has answered yet`,
    'look at `timedatectl status`',
  )
}

/** A strict journal waits for the disk at every group of frames. */
const SLOW_MS = 100
const WRITES = 5

/** The directory of the state: whether we may write, how long the disk takes, and what room it has. */
export async function diskCheck(
  directory: string,
  { journal }: Configuration,
  clock: Clock,
): Promise<DoctorFinding[]> {
  const there = await nearest(directory)
  const made = there === directory ? '' : ` (to be made in ${there})`
  try {
    const isDirectory = (await stat(there)).isDirectory()
    if (!isDirectory)
      return [fail('state directory', `${there} is no directory`, 'choose another: --state-dir')]
    await access(there, constants.W_OK | constants.X_OK)
  } catch {
    const advice = `give this user the directory, or choose another: state_dir, --state-dir`
    return [fail('state directory', `${directory}${made} may not be written`, advice)]
  }
  const findings = [fine('state directory', `${directory}${made}`)]
  findings.push(await latency(there, journal.durability.kind, clock))
  const { bavail, bsize, blocks } = await statfs(there)
  const [free, size] = [bavail * bsize, blocks * bsize]
  const seen = `${mebibytes(free)} free of ${mebibytes(size)}; the journal takes up to ${mebibytes(journal.maxBytes)}`
  findings.push(
    free >= journal.maxBytes
      ? fine('disk space', seen)
      : warn('disk space', seen, 'make room, or lower journal.max_size'),
  )
  return findings
}

async function latency(
  directory: string,
  durability: string,
  clock: Clock,
): Promise<DoctorFinding> {
  const file = join(directory, `.alec-doctor-${process.pid}-${randomBytes(4).toString('hex')}`)
  const times: number[] = []
  try {
    const handle = await open(file, 'wx', 0o600)
    try {
      for (let i = 0; i < WRITES; i++) {
        const before = clock.mono()
        await handle.write(randomBytes(4096))
        await handle.datasync()
        times.push(clock.mono() - before)
      }
    } finally {
      await handle.close()
      await unlink(file)
    }
  } catch (error) {
    const seen = `a trial file fails: ${error instanceof Error ? error.message : String(error)}`
    return fail('disk', seen, 'is it full, or mounted read-only?')
  }
  const median = times.sort((a, b) => a - b)[WRITES >> 1] ?? 0
  const seen = `4 KiB are safe after ${median.toFixed(1)} ms (median of ${WRITES})`
  if (median < SLOW_MS || durability !== 'strict') return fine('disk', seen)
  const advice =
    'a slow card: journal: { durability: { batched: 1s } } spares it, and risks a second'
  return warn('disk', seen, advice)
}

/** The directory itself, or the one of those above it that is there. */
async function nearest(directory: string): Promise<string> {
  for (let at = directory; ; at = dirname(at)) {
    if ((await stat(at).catch(() => undefined)) || dirname(at) === at) return at
  }
}

const mebibytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB`
