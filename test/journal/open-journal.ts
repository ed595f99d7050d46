import type { Frame } from '../../src/framing/index.js'
import {
  type DamagedFile,
  type FilePort,
  findJournal,
  Journal,
  type JournalEntry,
  type JournalOptions,
  type JournalState,
  type LostRange,
} from '../../src/journal/index.js'
import { ManualClock } from '../support/manual-clock.js'
import { STATE } from '../support/sim-disk.js'

/** The frame that comes as number `n`: 7 bytes or more, different for each. */
export const frameOf = (n: number): Frame => ({
  device: `shed-${n % 3}`,
  bytes: Uint8Array.from({ length: 7 + (n % 5) }, (_, i) => n * 31 + i),
  mono: 1000 + n,
  wall: Date.UTC(2026, 0, 1) + n,
  integrity: n % 2 === 0 ? 'crc32' : 'mqtt',
  source: 'line-1',
})

/** What a journal has said. */
export interface Heard {
  readonly entries: { readonly entry: JournalEntry; readonly durable: boolean }[]
  readonly states: JournalState[]
  readonly damaged: DamagedFile[]
  readonly lost: LostRange[]
  holes: number
}

export interface OpenJournal {
  readonly journal: Journal
  readonly clock: ManualClock
  readonly heard: Heard
  /** Numbers of frames in the order in which they were said to be safe. */
  readonly taken: number[]
  /** Takes frame `n` in. */
  append(n: number): void
}

/** A journal on what is on the disk, as the bridge opens it. */
export async function openJournal(
  files: FilePort,
  options: Partial<JournalOptions> & { readonly clock?: ManualClock } = {},
): Promise<OpenJournal> {
  const clock = options.clock ?? new ManualClock()
  const heard: Heard = { entries: [], states: [], damaged: [], lost: [], holes: 0 }
  const { directory = STATE } = options
  const found = await findJournal(files, directory)
  heard.damaged.push(...found.damaged)
  const journal = new Journal({
    directory,
    files,
    durability: { kind: 'strict' },
    maxBytes: 64 * 1024 * 1024,
    found,
    after: 0,
    boot: { id: 'boot-1', uptimeMs: () => clock.mono() },
    ...options,
    clock,
    handlers: {
      onEntries: (entries, durable) => {
        for (const entry of entries) heard.entries.push({ entry, durable })
      },
      onHole: () => {
        heard.holes++
      },
      onState: (state) => heard.states.push(state),
      onDamaged: (file) => heard.damaged.push(file),
      onLost: (range) => heard.lost.push(range),
      ...options.handlers,
    },
  })
  const taken: number[] = []
  const append = (n: number) => journal.append(frameOf(n), () => taken.push(n))
  return { journal, clock, heard, taken, append }
}

/** Everything that can be read after an entry. */
export async function readAll(journal: Journal, after = 0): Promise<JournalEntry[]> {
  const reader = journal.read(after)
  const all: JournalEntry[] = []
  for (;;) {
    const entries = await reader.next()
    if (entries.length === 0) return all
    all.push(...entries)
  }
}

/** The frame's number, by its bytes and times; NaN where they do not belong together. */
export function numberOf(entry: JournalEntry): number {
  if (entry.kind !== 'frame') return Number.NaN
  const { device, bytes, wall, integrity, source, ordinal } = entry.frame
  const n = entry.mono - 1000
  const expected = frameOf(n)
  const isWhole =
    ordinal === entry.ordinal &&
    [device, wall, integrity, source].join() ===
      [expected.device, expected.wall, expected.integrity, expected.source].join() &&
    Buffer.compare(bytes, expected.bytes) === 0
  return isWhole ? n : Number.NaN
}

export const ordinalsOf = (entries: readonly JournalEntry[]): number[] =>
  entries.map(({ ordinal }) => ordinal)

/** Lets everything happen that needs no time, or a part of it. */
export async function quiet(turns = 400): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await Promise.resolve()
}
