// A process of its own on a state directory. `lock`: takes it, says 'held' or what refused it, and keeps it until it is
// told to give it back. `save`: saves one snapshot after the other, and says each ordinal once it is acknowledged.
import { pathToFileURL } from 'node:url'

const [code, verb, directory] = process.argv.slice(2)
const load = (path) => import(pathToFileURL(`${code}/${path}`).href)
const { diskFiles, SnapshotStore, StateDirectoryLock } = await load('journal/index.js')
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

await { lock, save }[verb]()
