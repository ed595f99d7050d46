import type { Clock } from '../clock.js'
import { type DeviceSession, type Fleet, keepDevice, keptMemory } from '../device/index.js'
import {
  createStateDirectory,
  type FilePort,
  SnapshotStore,
  Snapshotter,
  StateDirectoryLock,
} from '../journal/index.js'
import type { Log } from '../log.js'
import { isClockSet } from './wall-clock.js'

export interface StateKeeperOptions {
  readonly directory: string
  readonly files: FilePort
  readonly fleet: Fleet
  readonly clock: Clock
  readonly log: Log
  readonly periodMs?: number
}

/** Keeps what the fleet knows over a restart of the bridge. */
export class StateKeeper {
  readonly #options: StateKeeperOptions
  readonly #lock: StateDirectoryLock
  readonly #store: SnapshotStore
  readonly #snapshotter: Snapshotter
  #saveFailed = false

  constructor(options: StateKeeperOptions) {
    const { directory, files, clock, periodMs } = options
    this.#options = options
    this.#lock = new StateDirectoryLock({ directory, clock })
    this.#store = new SnapshotStore({ directory, files, clock })
    this.#snapshotter = new Snapshotter({
      store: this.#store,
      clock,
      ...(periodMs !== undefined && { periodMs }),
      take: () => this.#take(),
      onOutcome: (outcome) => this.#tell(outcome),
    })
  }

  /**
   * Takes the directory, restores what is in it and begins to save. Rejects with a `StateError` where another
   * bridge has the directory or the system does not give it. What is damaged is set aside and said once.
   */
  async start(): Promise<void> {
    const { directory, files, log } = this.#options
    await createStateDirectory(files, directory)
    await this.#lock.acquire()
    const { snapshot, damaged } = await this.#store.load()
    for (const file of damaged) log.warn({ ...file, directory }, 'damaged state set aside')
    if (snapshot) this.#restore(snapshot.devices)
    this.#snapshotter.start()
  }

  /** Saves once more and gives the directory back. */
  async stop(): Promise<void> {
    await this.#snapshotter.stop()
    await this.#lock.release()
  }

  #restore(devices: ReadonlyMap<string, unknown>): void {
    const { fleet, clock, log } = this.#options
    const now = { mono: clock.mono(), wall: clock.wall() }
    const forgotten: string[] = []
    for (const session of fleet.sessions()) {
      const memory = keptMemory(session.profile, devices.get(session.id))
      if (memory === 'nothing') continue
      const fits = memory !== 'other-model'
      if (!fits || !session.restore(memory, now, isClockSet(now.wall))) forgotten.push(session.id)
    }
    if (forgotten.length > 0) {
      log.info(
        { devices: forgotten },
        'the model has changed: what was known of these devices does not hold',
      )
    }
  }

  #take(): { wall: number; devices: ReadonlyMap<string, unknown> } {
    const { fleet, clock } = this.#options
    const mono = clock.mono()
    const kept = (session: DeviceSession) => keepDevice(session.profile, session.save(mono))
    const devices = new Map(Array.from(fleet.sessions(), (session) => [session.id, kept(session)]))
    return { wall: clock.wall(), devices }
  }

  /** Says a failure once, and that it is over. */
  #tell(outcome: { readonly ok: boolean }): void {
    if (outcome.ok === !this.#saveFailed) return
    this.#saveFailed = !outcome.ok
    const { log } = this.#options
    if (outcome.ok) log.info({}, 'state saved again')
    else log.error(outcome, 'state not saved: a restart would lose what is known of the devices')
  }
}
