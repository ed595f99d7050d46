import type { CapturedFrame } from '../capture/index.js'
import type { Configuration } from '../config/index.js'
import { planOf } from '../control/index.js'
import { Fleet, type Verdict } from '../device/index.js'
import type { Frame } from '../framing/index.js'
import { mqttSourceId } from '../names.js'
import { defaultCircuitPolicy } from '../resilience/index.js'
import { toldOutcome } from './told-outcome.js'
import { sourceBringing } from './uplink.js'

/** What came at a time that is recorded, came in: how many frames a device may send is no question here. */
const UNLIMITED = Object.freeze({ perSecond: 1e9, burst: 1e9 })

/** Decodes captured frames as a bridge that began with the first of them, by the times at which they came. */
export class CaptureDecoder {
  readonly #configuration: Configuration
  readonly #tell: (told: Record<string, unknown>, frame: Frame) => void
  readonly #sources = new Map<string, string>()
  #fleet: Fleet | undefined
  #frames = 0

  /** `tell` hears what became of each frame, or part of one. */
  constructor(
    configuration: Configuration,
    tell: (told: Record<string, unknown>, frame: Frame) => void,
  ) {
    this.#configuration = configuration
    this.#tell = tell
  }

  /** False where its device is not one of the configuration. */
  accept(captured: CapturedFrame): boolean {
    this.#fleet ??= this.#begin(captured)
    const source = this.#sourceOf(captured)
    const frame: Frame = { ...captured, source, ordinal: ++this.#frames }
    this.#fleet.release(frame.mono)
    if (!this.#fleet.admits(frame)) return false
    this.#fleet.accept(frame)
    return true
  }

  /** Tells of what was held for its order. */
  finish(): void {
    this.#fleet?.release(Number.POSITIVE_INFINITY)
  }

  #begin({ mono, wall }: CapturedFrame): Fleet {
    return new Fleet(
      {
        ...planOf(this.#configuration),
        policy: { circuit: defaultCircuitPolicy, flood: UNLIMITED },
        born: { mono, wall },
      },
      {
        onVerdict: (verdict) => this.#say(verdict),
        onAccepted: () => {},
        onInternalError: () => {},
      },
    )
  }

  #say(verdict: Verdict): void {
    const { device, frame } = verdict
    const ts = new Date(frame.wall).toISOString()
    this.#tell({ frame: frame.ordinal, ts, device, ...toldOutcome(verdict) }, frame)
  }

  /** The door that it came by: it may have its own way of putting frames in order. */
  #sourceOf({ device, integrity }: CapturedFrame): string {
    if (integrity !== 'mqtt') return 'line'
    const known = this.#sources.get(device)
    if (known !== undefined) return known
    const source = sourceBringing(device, this.#configuration)
    const id = source ? mqttSourceId(source.topic, source.device) : 'mqtt'
    this.#sources.set(device, id)
    return id
  }
}
