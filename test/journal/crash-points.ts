import { type JournalDurability, SnapshotStore } from '../../src/journal/index.js'
import { ManualClock } from '../support/manual-clock.js'
import { mulberry } from '../support/mulberry.js'
import { SimDisk, STATE } from '../support/sim-disk.js'
import { JournalLife, type Promised } from './journal-life.js'
import { numberOf, openJournal, readAll } from './open-journal.js'

const OPERATIONS = 200
/** Of so many images one is lived on in, and then looked at again after another loss. */
const LIVED_ON = 4
const SECOND_OPERATIONS = 20

export interface CrashPlan {
  readonly durability: JournalDurability['kind']
  /** The process alone dies, or the machine with it. */
  readonly end: 'kill' | 'power-loss'
  /** Share of the disk's steps that fail. */
  readonly faults: number
  /** Makes the disk, if it is to be a bad one. */
  readonly disk?: () => SimDisk
}

export interface CrashTally {
  /** Crashes after which the disk was looked at. */
  points: number
  /** Entries that were read back, and those of them that nobody had been promised. */
  entries: number
  unpromised: number
  /** Points at which a part of the journal had been removed. */
  trimmed: number
  /** Points at which entries were missing that nobody had been promised. */
  gaps: number
}

type Taken = JournalLife['taken']

interface Point {
  readonly disk: SimDisk
  readonly promised: Promised
  readonly what: string
}

/**
 * Crashes at every step of a life of 200 operations, one life a seed, until there were so many points; throws where what
 * is found does not keep what was promised.
 */
export async function crashPoints(
  count: number,
  firstSeed: number,
  plan: CrashPlan,
): Promise<CrashTally> {
  const tally = { points: 0, entries: 0, unpromised: 0, trimmed: 0, gaps: 0 }
  for (let seed = firstSeed; tally.points < count; seed++) await crashLife(seed, plan, tally)
  return tally
}

async function crashLife(seed: number, plan: CrashPlan, tally: CrashTally): Promise<void> {
  const random = mulberry(seed)
  const disk = plan.disk?.() ?? new SimDisk()
  const points: Point[] = []
  const life = await live(disk, plan, random, 1, OPERATIONS, (point) => points.push(point), seed)
  for (const [index, point] of points.entries()) {
    const found = await check(point, life.taken, tally)
    if (index % LIVED_ON > 0) continue
    const second = await live(
      point.disk,
      { ...plan, faults: 0 },
      random,
      life.next,
      SECOND_OPERATIONS,
    )
    const promised = second.promised
    const left = plan.end === 'kill' ? point.disk.afterKill() : point.disk.afterPowerLoss(random)
    const taken = [...found, ...second.taken]
    const what = `${point.what}, and again after ${SECOND_OPERATIONS} operations more`
    await check({ disk: left, promised: { ...promised, taken: taken.length }, what }, taken, tally)
  }
}

/** Lives; `onPoint` hears of every step of the disk. */
async function live(
  disk: SimDisk,
  { durability, end, faults }: CrashPlan,
  random: () => number,
  next: number,
  operations: number,
  onPoint?: (point: Point) => void,
  seed?: number,
): Promise<JournalLife> {
  const life = await JournalLife.begin(disk, durability, next)
  if (onPoint) {
    disk.onStep = (step) => {
      const left = end === 'kill' ? disk.afterKill() : disk.afterPowerLoss(random)
      const what = `seed ${seed}, ${durability}, ${end} before step ${disk.step} (${step})`
      onPoint({ disk: left, promised: life.promised, what })
    }
  }
  if (faults > 0) {
    disk.fault = () => (random() < faults ? (random() < 0.5 ? 'EIO' : 'ENOSPC') : undefined)
  }
  for (let operation = 0; operation < operations; operation++) await life.operation(random)
  disk.onStep = undefined
  return life
}

/** Opens what a crash has left, as the next process does; returns those of `taken` that it still holds. */
async function check(
  { disk, promised, what }: Point,
  taken: Taken,
  tally: CrashTally,
): Promise<Taken> {
  const failed = (why: string) => new Error(`${what}: ${why}`)
  const store = new SnapshotStore({ directory: STATE, files: disk, clock: new ManualClock() })
  const newest = await store.load()
  const { journal, heard } = await openJournal(disk, { after: store.newestOrdinal })
  const { settled } = journal
  if (heard.damaged.length + newest.damaged.length > 0) throw failed('a file is damaged')
  if (store.newestOrdinal < promised.snapshot) throw failed(`snapshot ${promised.snapshot} is lost`)
  if (settled < promised.settled) throw failed(`the checkpoint went back to ${settled}`)
  if (settled > promised.asked) throw failed(`the checkpoint ${settled} was never reached`)

  const base = (await store.load(settled)).snapshot?.ordinal ?? 0
  const expected = taken.slice(0, promised.taken).filter(({ ordinal }) => ordinal > base)
  const entries = await readAll(journal, base)
  const numbers = new Map(entries.map((entry) => [entry.ordinal, numberOf(entry)]))
  const lost = expected.find(({ ordinal, n }) => numbers.get(ordinal) !== n)
  if (lost) throw failed(`frame ${lost.n} (entry ${lost.ordinal}) is lost`)
  const isOrdered = entries.every(({ ordinal }, i) => ordinal > (entries[i - 1]?.ordinal ?? base))
  if (!isOrdered) throw failed('entries are out of order')
  if ([...numbers.values()].some(Number.isNaN)) throw failed('an entry is not what was written')
  if (journal.lastOrdinal < (expected.at(-1)?.ordinal ?? 0)) throw failed('an ordinal comes twice')

  tally.points++
  tally.entries += entries.length
  tally.unpromised += entries.length - expected.length
  if (!disk.names.includes('j-0000000000000001.seg')) tally.trimmed++
  if (heard.lost.length > 0) tally.gaps++
  return expected.filter(({ ordinal }) => numbers.has(ordinal))
}
