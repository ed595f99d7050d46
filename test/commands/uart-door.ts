import { type UartSettings, UartWire } from '../../firmware-sim/index.js'
import type { PortSetting } from '../../src/commands/init-line.js'
import type { LineDoor, LineHandlers } from '../../src/transport/index.js'
import type { ManualClock } from '../support/manual-clock.js'
import type { SentBytes } from '../survey/seeded-line.js'

/** A port at the end of a wire: what it reads depends on how it is set, and nothing is kept while it is closed. */
export class UartPort {
  /** The settings at which it was opened, in their order. */
  readonly opened: PortSetting[] = []
  readonly written: Uint8Array[] = []
  readonly #sender: UartSettings
  readonly #clock: ManualClock
  #reader: { readonly wire: UartWire; readonly handlers: LineHandlers } | undefined

  constructor(sender: UartSettings, traffic: readonly SentBytes[], clock: ManualClock) {
    this.#sender = sender
    this.#clock = clock
    for (const { at, bytes } of traffic) clock.setTimer(at, () => this.#send(bytes))
  }

  door({ baudRate, parity }: PortSetting): LineDoor {
    return {
      address: 'uart',
      open: (handlers) => {
        this.opened.push({ baudRate, parity })
        const receiver = { baudRate, dataBits: 8, parity, stopBits: 1 } as UartSettings
        this.#reader = { wire: new UartWire(this.#sender, receiver), handlers }
        queueMicrotask(() => handlers.onOpened())
        let closed = false
        return {
          backlog: 0,
          write: (bytes) => {
            this.written.push(bytes)
            return true
          },
          close: () => {
            if (closed) return
            closed = true
            this.#reader = undefined
            queueMicrotask(() => handlers.onClosed({ code: 'stopped', reason: 'closed by us' }))
          },
        }
      },
    }
  }

  /** Lets time pass until the promise is settled. */
  async runUntil<T>(result: Promise<T>): Promise<T> {
    let done = false
    void result.finally(() => {
      done = true
    })
    while (!done) {
      this.#clock.advance(50)
      await new Promise(setImmediate)
    }
    return result
  }

  #send(bytes: Uint8Array): void {
    if (!this.#reader) return
    const { wire, handlers } = this.#reader
    const received = [...wire.send(bytes), ...wire.rest(5)]
    if (received.length > 0) handlers.onData(Uint8Array.from(received))
  }
}
