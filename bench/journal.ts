import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../src/clock.js'
import type { Frame } from '../src/framing/index.js'
import {
  defaultJournalLimits,
  diskFiles,
  findJournal,
  Journal,
  type JournalDurability,
  type JournalHandlers,
} from '../src/journal/index.js'

/**
 * How many frames a second the journal makes safe, how long one waits for that, and how long a start takes on a full
 * journal: on the real disk below the directory of temporary files, or the one that is given.
 * `node dist/bench/journal.js [directory]`
 */
const SECONDS = 3
const FULL_BYTES = 256 * 1024 * 1024
const root = process.argv[2] ?? tmpdir()

const HANDLERS: JournalHandlers = {
  onEntries: () => {},
  onHole: () => {},
  onState: (state) => console.log(`the disk is ${state.kind}`),
  onDamaged: () => {},
  onLost: () => {},
}

/** A compact frame of four channels. */
const frame: Frame = {
  device: 'greenhouse-1',
  bytes: Uint8Array.of(0x02, 0x31, 0x07, 0x55, 0x10, 0x8f, 0x2a),
  mono: 86_400_000.25,
  wall: Date.UTC(2026, 0, 1),
  integrity: 'crc32',
  source: 'line-1',
}

async function openIn(directory: string, durability: JournalDurability): Promise<Journal> {
  return new Journal({
    directory,
    files: diskFiles,
    clock: systemClock,
    durability,
    maxBytes: FULL_BYTES,
    found: await findJournal(diskFiles, directory),
    after: 0,
    boot: { id: '', uptimeMs: () => performance.now() },
    handlers: HANDLERS,
  })
}

/** Producers that each wait for their frame to be safe before the next. */
async function measure(durability: JournalDurability, producers: number): Promise<void> {
  const directory = mkdtempSync(join(root, 'alec-journal-'))
  const journal = await openIn(directory, durability)
  const waits = new Float64Array(20_000_000)
  let count = 0
  const began = performance.now()
  const end = began + SECONDS * 1000
  await new Promise<void>((resolve) => {
    let left = producers
    const produce = () => {
      const asked = performance.now()
      if (asked >= end || count >= waits.length) {
        if (--left === 0) resolve()
        return
      }
      journal.append(frame, () => {
        waits[count++] = performance.now() - asked
        produce()
      })
    }
    for (let producer = 0; producer < producers; producer++) produce()
  })
  const seconds = (performance.now() - began) / 1000
  await journal.close()
  const { commits } = journal.counters()
  const sorted = waits.subarray(0, count).sort()
  const at = (share: number) => (sorted[Math.floor(share * (count - 1))] ?? 0).toFixed(2)
  console.log(
    `${durability.kind.padEnd(8)} ${String(producers).padStart(4)} producers: ` +
      `${Math.round(count / seconds)
        .toLocaleString('en')
        .padStart(9)} frames/s, ` +
      `safe after p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, max ${at(1)} ms; ` +
      `${Math.round(count / commits)} frames a group, ${Math.round(journal.bytes / count)} bytes a frame`,
  )
  rmSync(directory, { recursive: true })
}

/** A start on a journal that is full: until frames can be taken in again, and all of it read. */
async function measureStart(): Promise<void> {
  const directory = mkdtempSync(join(root, 'alec-journal-'))
  const full = await openIn(directory, { kind: 'os' })
  while (full.fill < 1) {
    for (let n = 0; n < 20_000; n++) full.append(frame)
    await full.flush()
  }
  await full.close()
  const began = performance.now()
  const journal = await openIn(directory, { kind: 'strict' })
  await new Promise<void>((resolve) => journal.append(frame, resolve))
  const accepting = performance.now() - began
  const reader = journal.read(0)
  let entries = 0
  for (let some = await reader.next(); some.length > 0; some = await reader.next()) {
    entries += some.length
  }
  const read = performance.now() - began - accepting
  await journal.close()
  console.log(
    `start with ${Math.round(full.bytes / 2 ** 20)} MiB: the first frame is safe after ` +
      `${accepting.toFixed(0)} ms; reading all ${entries.toLocaleString('en')} entries takes ` +
      `${read.toFixed(0)} ms (${((read / entries) * 1e6).toFixed(0)} ns each)`,
  )
  rmSync(directory, { recursive: true })
}

console.log(
  `journal in ${root}, segments of ${defaultJournalLimits.segmentBytes / 2 ** 20} MiB, ` +
    `Node ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model ?? ''}`,
)
const durabilities: readonly JournalDurability[] = [
  { kind: 'strict' },
  { kind: 'batched', ms: 1000 },
  { kind: 'os' },
]
for (const durability of durabilities) {
  for (const producers of [1, 500]) await measure(durability, producers)
}
await measureStart()
