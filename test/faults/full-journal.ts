import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Bridge } from '../../src/bridge.js'
import { systemClock } from '../../src/clock.js'
import { checkConfiguration } from '../../src/config/index.js'
import { BridgeMemory } from '../../src/control/index.js'
import { diskFiles } from '../../src/journal/index.js'
import { thisMachine } from '../../src/machine.js'
import { MemorySource } from '../../src/transport/index.js'
import { freePort } from '../support/free-port.js'
import { BridgeProcess } from './bridge-process.js'
import { LineFarm } from './line-farm.js'
import { NO_BUDGET, NO_LIMITS } from './line-site.js'
import { MeasuredNode, NODE_MODEL } from './measured-node.js'

export interface FullJournalOutcome {
  readonly journalMiB: number
  readonly frames: number
  /** From the start of the process until it was connected to its line and took frames, in milliseconds. */
  readonly startsMs: readonly number[]
}

const DEVICES = 20
/** Frames between two looks at the journal; others have to live as well. */
const SLICE = 2000

/**
 * Fills the journal of a bridge whose broker is away, as far as wanted, leaves it as kill -9 would, and starts the real
 * process on it again and again, each time killed.
 */
export async function fullJournalCourse(
  mebibytes: number,
  starts: number,
): Promise<FullJournalOutcome> {
  const directory = mkdtempSync(join(tmpdir(), 'alec-full-'))
  const nodes = Array.from({ length: DEVICES }, (_, i) => new MeasuredNode(`node-${i}`, 31 * i))
  const farm = await LineFarm.start(nodes, DEVICES)
  const document = {
    version: 1,
    bridge: { id: 'gw-full' },
    // Nobody is there.
    broker: { url: `mqtt://127.0.0.1:${await freePort()}` },
    limits: NO_LIMITS,
    resync: NO_BUDGET,
    journal: { max_size: `${2 * mebibytes}MiB`, durability: 'os' },
    models: { node: NODE_MODEL },
    sources: farm.sources,
    devices: Object.fromEntries(nodes.map(({ id }) => [id, { model: 'node' }])),
  }
  const startsMs: number[] = []
  const bridge = new BridgeProcess(directory, document)
  try {
    const filled = await fill(document, nodes, mebibytes, bridge.stateDir)
    for (let start = 0; start < starts; start++) {
      const from = performance.now()
      const connected = farm.reconnected()
      await bridge.start()
      await connected
      startsMs.push(performance.now() - from)
      await bridge.end('SIGKILL')
    }
    return { ...filled, startsMs }
  } finally {
    await bridge.end('SIGKILL')
    await farm.close()
    rmSync(directory, { recursive: true, force: true })
  }
}

/** In this process, by a door without a line: a line would take an hour. What is there before it ends is copied. */
async function fill(
  document: object,
  nodes: readonly MeasuredNode[],
  mebibytes: number,
  stateDir: string,
): Promise<Pick<FullJournalOutcome, 'journalMiB' | 'frames'>> {
  const checked = checkConfiguration(
    { ...document, sources: [] },
    { cwd: '/', hostName: 'gw-full' },
  )
  if (!checked.ok) throw new Error(JSON.stringify(checked.problems))
  const { configuration } = checked
  const directory = mkdtempSync(join(tmpdir(), 'alec-fill-'))
  const ignore = () => {}
  const log = { debug: ignore, info: ignore, warn: ignore, error: ignore }
  const memory = await BridgeMemory.openUnlocked({
    directory,
    files: diskFiles,
    clock: systemClock,
    machine: thisMachine(systemClock.wall),
    durability: { kind: 'os' },
    maxBytes: configuration.journal.maxBytes,
    log,
  })
  const door = new MemorySource({ clock: memory.clock })
  const parts = { configuration, memory, log, version: '0', clock: memory.clock }
  const bridge = new Bridge({ ...parts, random: Math.random, sources: [door] })
  try {
    await bridge.start()
    let frames = 0
    while (memory.journal.bytes < mebibytes * 2 ** 20) {
      for (let n = 0; n < SLICE; n++, frames++) {
        const node = nodes[frames % nodes.length]
        if (node) door.deliver(node.id, node.next())
      }
      await memory.journal.flush()
    }
    cpSync(directory, stateDir, { recursive: true })
    return { journalMiB: memory.journal.bytes / 2 ** 20, frames }
  } finally {
    await bridge.stop()
    await memory.close()
    rmSync(directory, { recursive: true, force: true })
  }
}
