import { type Link, type LinkCounters, LinkTally, type OnDownlink } from './link.js'

/** A link without a wire: frames go to a function, downlinks come by a call. For tests and simulations. */
export class MemoryLink implements Link {
  readonly id: string
  readonly #deliver: (device: string, frame: Uint8Array) => void
  readonly #tally = new LinkTally()
  #onDownlink: OnDownlink | undefined

  constructor(id: string, deliver: (device: string, frame: Uint8Array) => void) {
    this.id = id
    this.#deliver = deliver
  }

  get address(): string | undefined {
    return this.#onDownlink && `memory:${this.id}`
  }

  get counters(): LinkCounters {
    return this.#tally.snapshot()
  }

  async start(onDownlink: OnDownlink): Promise<void> {
    this.#onDownlink = onDownlink
  }

  async stop(): Promise<void> {
    this.#onDownlink = undefined
  }

  send(device: string, frame: Uint8Array): void {
    if (!this.#onDownlink) {
      this.#tally.unsent++
      return
    }
    this.#tally.framesSent++
    this.#tally.bytesSent += frame.length
    this.#deliver(device, frame)
  }

  /** Sends a downlink as a bridge would; lost while the link is stopped. */
  downlink(device: string, bytes: Uint8Array): void {
    if (!this.#onDownlink) return
    this.#tally.downlinks++
    this.#onDownlink(device, bytes)
  }
}
