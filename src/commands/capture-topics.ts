import type { Clock } from '../clock.js'
import { isDeviceId } from '../names.js'
import type { BrokerDoor, IncomingMessage } from '../transport/index.js'
import { watchBroker } from './broker-watch.js'
import type { CaptureEars, CaptureInlet, Deaf } from './capture-inlet.js'
import type { FrameEar } from './frame-ears.js'
import { Exit } from './io.js'

export interface TopicInletOptions {
  readonly ears: readonly FrameEar[]
  readonly door: () => BrokerDoor
  readonly clock: Clock
  /** How long the broker may take for each answer. */
  readonly timeoutMs: number
}

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
    const refusal = await watchBroker(
      {
        ...this.#options,
        filters: this.#filters,
        onOpen: (probe) => probe.listen((message) => this.#hear(message, ears)),
        onListening: () => ears.onNews(`listening at ${[...this.#filters].join(', ')}`),
        onAway: (reason) => ears.onNews(`${reason}: nothing is heard until it is back`),
      },
      signal,
    )
    return refusal === undefined ? undefined : { exit: Exit.unavailable, reason: refusal }
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
