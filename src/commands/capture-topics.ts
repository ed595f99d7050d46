import type { Clock } from '../clock.js'
import { isDeviceId } from '../names.js'
import type { BrokerDoor, IncomingMessage } from '../transport/index.js'
import { BrokerProbe } from './broker-probe.js'
import type { CaptureEars, CaptureInlet, Deaf } from './capture-inlet.js'
import { pause, stopped } from './ending.js'
import type { FrameEar } from './frame-ears.js'
import { Exit } from './io.js'

export interface TopicInletOptions {
  readonly ears: readonly FrameEar[]
  readonly door: () => BrokerDoor
  readonly clock: Clock
  /** How long the broker may take for each answer. */
  readonly timeoutMs: number
}

const RETRY_MS = 2000

/** The frame topics of a broker. One that was there once is waited for when it goes away. */
export class TopicInlet implements CaptureInlet {
  readonly sources: readonly string[]
  readonly #options: TopicInletOptions
  readonly #filters: ReadonlySet<string>

  constructor(options: TopicInletOptions) {
    this.#options = options
    this.#filters = new Set(options.ears.map(({ filter }) => filter))
    const { address } = options.door()
    this.sources = [...this.#filters].map((filter) => `${address} ${filter}`)
  }

  async listen(ears: CaptureEars, signal: AbortSignal): Promise<Deaf | undefined> {
    const { door, clock, timeoutMs } = this.#options
    const stop = stopped(signal)
    let wasThere = false
    let told = ''
    while (!signal.aborted) {
      const probe = new BrokerProbe(door(), clock, timeoutMs)
      try {
        probe.listen((message) => this.#hear(message, ears))
        const refusal = await Promise.race([this.#begin(probe), stop])
        if (refusal !== undefined && !wasThere) return { exit: Exit.unavailable, reason: refusal }
        if (refusal === undefined && !signal.aborted) {
          wasThere = true
          ears.onNews(`listening at ${[...this.#filters].join(', ')}`)
          const end = await Promise.race([probe.ended(), stop])
          told = end ? end.reason : ''
          if (end) ears.onNews(`${end.reason}: nothing is heard until it is back`)
        } else if (refusal !== undefined && refusal !== told) {
          told = refusal
          ears.onNews(refusal)
        }
      } finally {
        await probe.close()
      }
      await pause(RETRY_MS, clock, signal)
    }
    return undefined
  }

  /** Undefined once everything is subscribed; else why not. */
  async #begin(probe: BrokerProbe): Promise<string | undefined> {
    const refusal = await probe.connected()
    if (refusal) return refusal.reason
    for (const filter of this.#filters) {
      const answer = await probe.subscribe(filter)
      if (!answer.ok) return `${filter} cannot be read: ${answer.reason}`
    }
    return undefined
  }

  #hear(message: IncomingMessage, { onFrame, onRefused }: CaptureEars): void {
    const ear = this.#options.ears.find(({ matches }) => matches(message.topic))
    if (!ear) return
    if (message.retain && !ear.acceptRetained) {
      onRefused('retained: nobody knows how old it is')
      return
    }
    const { device, frame } = ear.hear(message)
    if (!isDeviceId(device)) {
      onRefused('not of a device: no device id, and not mapped')
      return
    }
    if (!frame.ok) {
      onRefused(`no frame: ${frame.reason}`)
      return
    }
    const { clock } = this.#options
    const times = { mono: clock.mono(), wall: clock.wall() }
    onFrame({ device, bytes: frame.bytes, ...times, integrity: 'mqtt', source: ear.filter })
  }
}
