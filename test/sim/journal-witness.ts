import type { Clock } from '../../src/clock.js'
import type { Configuration } from '../../src/config/index.js'
import { takeTo } from '../../src/control/delivery.js'
import { BridgeMemory, fleetOptions } from '../../src/control/index.js'
import { type DeviceSession, Fleet, type Verdict } from '../../src/device/index.js'
import type { FilePort, JournalEntry } from '../../src/journal/index.js'
import { DeviceVoice, defaultStatusFlowPolicy, Shedder } from '../../src/outputs/index.js'
import { STATE } from '../support/sim-disk.js'

/** A frame's readings as they follow from the journal alone. */
export interface Expected {
  readonly device: string
  readonly ordinal: number
  readonly key: string
  readonly payload: string
}

const STOPPED: Clock = { mono: () => 0, wall: () => 0, setTimer: () => () => {} }

/** Reads along in the journal, over all crashes, and says what the bridge owes for it. */
export class JournalWitness {
  readonly expected: Expected[] = []
  /** Every frame in the journal, as `<device>:<hex>`. */
  readonly frames = new Set<string>()
  /** Frames that were acknowledged, in the same words. */
  readonly promised = new Set<string>()
  readonly #fleet: Fleet
  readonly #voices = new Map<string, DeviceVoice>()
  readonly #configuration: Configuration
  #seen = 0

  constructor(configuration: Configuration) {
    this.#configuration = configuration
    this.#fleet = new Fleet(fleetOptions(configuration, STOPPED), {
      onVerdict: (verdict, session) => this.#owe(verdict, session),
      onAccepted: () => {},
      onInternalError: () => {},
    })
  }

  /** Takes in what is new on the disk. */
  async read(files: FilePort): Promise<void> {
    const { durability, maxBytes } = this.#configuration.journal
    if (durability.kind === 'end-to-end') return
    await files.makeDirectory(STATE)
    const memory = await BridgeMemory.openUnlocked({
      directory: STATE,
      files,
      clock: STOPPED,
      machine: { bootId: '', uptimeMs: () => 0, wallTrusted: () => false },
      durability,
      maxBytes,
      log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
    })
    const reader = memory.journal.read(this.#seen)
    for (let entries = await reader.next(); entries.length > 0; entries = await reader.next()) {
      for (const entry of entries) this.#take(entry)
    }
  }

  #take(entry: JournalEntry): void {
    this.#seen = entry.ordinal
    if (entry.kind === 'frame') {
      const { device, bytes } = entry.frame
      this.frames.add(frameKey(device, bytes))
    }
    takeTo(this.#fleet, entry)
  }

  #owe(verdict: Verdict, session: DeviceSession): void {
    if (verdict.kind !== 'readings') return
    const { epoch, seq, frame } = verdict
    const publication = this.#voice(session)
      .delivery(verdict)
      .find(({ topic }) => topic.endsWith('/readings'))
    this.expected.push({
      device: session.id,
      ordinal: frame.ordinal ?? 0,
      key: `${epoch}/${seq}`,
      payload: String(publication?.payload),
    })
  }

  #voice(session: DeviceSession): DeviceVoice {
    const known = this.#voices.get(session.id)
    if (known) return known
    const { baseTopic, bridge, outputs } = this.#configuration
    const voice = new DeviceVoice(session.id, session.profile.names, {
      baseTopic,
      bridge: bridge.id,
      readings: outputs,
      statusFlow: defaultStatusFlowPolicy,
      shedder: new Shedder(),
    })
    this.#voices.set(session.id, voice)
    return voice
  }
}

export const frameKey = (device: string, bytes: Uint8Array): string =>
  `${device}:${Buffer.from(bytes).toString('hex')}`
