import type { MqttClient } from 'mqtt'
import type { Clock, Undo } from '../clock.js'

/** What the types of MQTT.js leave out: every packet goes through here; its tests notice when that changes. */
interface SendingClient {
  _sendPacket(
    packet: { cmd: string; messageId?: number },
    done?: () => void,
    ...rest: unknown[]
  ): void
}

/** An acknowledgement that the broker waits for. */
export interface HeldAck {
  readonly id: number
  /** One for the delivery itself, one for each that keeps it back. */
  holds: number
}

export interface AckLimits {
  /** The broker's messages are read no further while so many are not acknowledged … */
  readonly most: number
  /** … until it is only so many … */
  readonly few: number
  /** … and no longer than this: nobody would see the answers to our pings. */
  readonly patienceMs: number
}

export interface HeldAcksOptions {
  readonly clock: Clock
  /** Sends the acknowledgement of a message. */
  readonly acknowledge: (messageId: number) => void
  /** It has been kept from reading for too long. */
  readonly onStuck: () => void
  readonly limits?: AckLimits
}

export const defaultAckLimits: AckLimits = Object.freeze({
  most: 2000,
  few: 1000,
  patienceMs: 7500,
})

/**
 * Keeps the PUBACKs of one connection back until their messages are safe, and sends them in the order of the messages
 * [MQTT-4.6.0-2]. MQTT.js itself acknowledges each message before it looks at the next, so its own are suppressed:
 * waiting for the disk in its callback would let through 20 messages a second at 50 ms.
 */
export class HeldAcks {
  readonly #options: HeldAcksOptions
  readonly #limits: AckLimits
  #held: HeldAck[] = []
  #resume: (() => void) | undefined
  #cancelPatience: Undo = () => {}

  /** To be called before the client connects. */
  constructor(client: MqttClient, options: HeldAcksOptions) {
    this.#options = options
    this.#limits = options.limits ?? defaultAckLimits
    const inside = client as unknown as SendingClient
    const send = inside._sendPacket.bind(client)
    inside._sendPacket = (packet, done, ...rest) => {
      if (packet.cmd === 'puback') done?.()
      else send(packet, done, ...rest)
    }
    client.handleMessage = (_packet, next) => this.#next(next)
  }

  /** How many the broker waits for. */
  get size(): number {
    return this.#held.length
  }

  /** A message is about to be delivered; `delivered` must follow. */
  open(id: number): HeldAck {
    const ack = { id, holds: 1 }
    this.#held.push(ack)
    return ack
  }

  /** Keeps the acknowledgement back until the result is called. */
  hold(ack: HeldAck): () => void {
    ack.holds++
    let held = true
    return () => {
      if (!held) return
      held = false
      this.delivered(ack)
    }
  }

  /** The message is delivered: it is acknowledged, unless somebody holds it. */
  delivered(ack: HeldAck): void {
    ack.holds--
    if (ack.holds > 0 || this.#held[0] !== ack) return
    let free = 0
    while (this.#held[free]?.holds === 0) free++
    for (const { id } of this.#held.splice(0, free)) this.#options.acknowledge(id)
    if (this.#held.length <= this.#limits.few) this.#goOn()
  }

  /** The connection is closed: its packet ids are void. */
  forget(): void {
    this.#held = []
    this.#cancelPatience()
    this.#resume = undefined
  }

  #next(next: () => void): void {
    if (this.#held.length < this.#limits.most) {
      next()
      return
    }
    this.#resume = next
    const { clock, onStuck } = this.#options
    this.#cancelPatience = clock.setTimer(this.#limits.patienceMs, onStuck)
  }

  #goOn(): void {
    const resume = this.#resume
    if (!resume) return
    this.#resume = undefined
    this.#cancelPatience()
    resume()
  }
}
