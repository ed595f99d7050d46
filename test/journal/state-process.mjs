// A process of its own on a state directory. `lock`: takes it, says 'held' or what refused it, and keeps it until it is
// told to give it back. `save`: saves one snapshot after the other, and says each ordinal once it is acknowledged.
// `append`: appends frames to a journal of small segments without end, and says how many are safe.
import { pathToFileURL } from 'node:url'

const [code, verb, directory] = process.argv.slice(2)
const load = (path) => import(pathToFileURL(`${code}/${path}`).href)
const { diskFiles, findJournal, Journal, SnapshotStore, StateDirectoryLock } =
  await load('journal/index.js')
const { systemClock: clock } = await load('clock.js')

async function lock() {
  const lock = new StateDirectoryLock({ directory, clock })
  process.once('message', () => lock.release().then(() => process.disconnect()))
  try {
    await lock.acquire()
    process.send('held')
  } catch (error) {
    process.send({ code: error.code, pid: error.pid, message: error.message })
    process.disconnect()
  }
}

async function save() {
  const store = new SnapshotStore({ directory, files: diskFiles, clock })
  await store.load()
  for (;;) {
    const ordinal = store.newestOrdinal + 1
    const numbers = Array.from({ length: 20_000 }, (_, i) => ordinal + i / 8)
    const outcome = await store.save({
      ordinal,
      mono: 0,
      wall: 0,
      devices: new Map([['shed-1', numbers]]),
    })
    process.send(outcome)
  }
}

async function append() {
  const found = await findJournal(diskFiles, directory)
  const journal = new Journal({
    directory,
    files: diskFiles,
    clock,
    durability: { kind: 'strict' },
    maxBytes: 64 * 1024 * 1024,
    found,
    after: 0,
    boot: { id: '', uptimeMs: () => 0 },
    handlers: {
      onEntries: (entries) => process.send(entries.at(-1).ordinal),
      onHole: () => {},
      onState: (state) => process.send(state),
      onDamaged: (file) => process.send(file),
      onLost: (range) => process.send(range),
    },
    limits: { segmentBytes: 20_000 },
  })
  const produce = () => {
    const n = journal.lastOrdinal % 251
    const frame = { device: 'shed-1', bytes: Uint8Array.of(n, n), mono: 1, wall: 2 }
    journal.append({ ...frame, integrity: 'crc32', source: 'line' }, produce)
  }
  for (let producer = 0; producer < 20; producer++) produce()
}

await { lock, save, append }[verb]()
