import type { Clock, Undo } from '../clock.js'
import type { BrokerConnection, BrokerDoor, ConnectionEnd } from '../transport/index.js'
import { QueueError } from './queue-port.js'

export interface DealingProbeOptions {
  /** Two ways to the broker that share their subscriptions, and take one message at a time. */
  readonly doors: readonly [BrokerDoor, BrokerDoor]
  /** Nothing else is published below. */
  readonly topic: string
  readonly clock: Clock
}

/** An odd number, and all of one topic in a row: dealing in turn shows, however it is counted. */
const TOPICS = 5
const MESSAGES = 6
/** Each is acknowledged so late that a broker which looks for somebody who is free finds the other. */
const SLOW_MS = 15
const LIMIT_MS = 8000

const NEEDS =
  'cluster.mqtt needs a broker with MQTT 5 and shared subscriptions that hash by topic or client'

/** Finds out how a broker deals messages to those who share a subscription. */
export class DealingProbe {
  /**
   * Resolves where all messages of a topic go to one of two; rejects with a `QueueError` that explains why this broker cannot
   * be used, or how the probe has failed.
   */
  readonly result: Promise<void>
  readonly #options: DealingProbeOptions
  readonly #connections: BrokerConnection[] = []
  readonly #undo: Undo[] = []
  /** Topic → who got its first message. */
  readonly #receivers = new Map<string, number>()
  #subscribed = 0
  #received = 0
  #over = false
  #resolve: () => void = () => {}
  #reject: (error: QueueError) => void = () => {}

  constructor(options: DealingProbeOptions) {
    const { doors, clock } = options
    this.#options = options
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    this.#undo.push(clock.setTimer(LIMIT_MS, () => this.#tooLate()))
    for (const [who, door] of doors.entries()) this.#open(who, door)
  }

  cancel(): void {
    this.#fail('stopped', 'stopped')
  }

  #open(who: number, door: BrokerDoor): void {
    const connection = door.open({
      onConnected: (_resumed, abilities) => {
        if (this.#over) return
        if (!abilities?.shares || abilities.mostQos < 1) {
          const lack = abilities?.shares ? 'QoS 1' : 'shared subscriptions'
          this.#fail('no-shared-subscriptions', `this broker does not offer ${lack}: ${NEEDS}`)
          return
        }
        connection.subscribe(`${this.#options.topic}/+`, 1, (outcome) => {
          if (outcome.ok) this.#ready()
          else this.#fail('probe-refused', `the broker refuses the probe: ${outcome.reason}`)
        })
      },
      onMessage: ({ topic, hold }) => {
        const acknowledge = hold?.() ?? (() => {})
        this.#undo.push(this.#options.clock.setTimer(SLOW_MS, acknowledge))
        this.#heard(who, topic)
      },
      onClosed: (end) => this.#closed(end),
    })
    this.#connections.push(connection)
  }

  #ready(): void {
    const [first] = this.#connections
    if (this.#over || ++this.#subscribed < 2 || !first) return
    for (let topic = 0; topic < TOPICS; topic++) {
      for (let n = 0; n < MESSAGES; n++) {
        const message = { topic: `${this.#options.topic}/${topic}`, payload: `${n}` }
        first.publish({ ...message, qos: 1, retain: false }, (error) => {
          if (error) this.#fail('probe-refused', `the broker refuses the probe: ${error.message}`)
        })
      }
    }
  }

  #heard(who: number, topic: string): void {
    if (this.#over) return
    this.#received++
    const first = this.#receivers.get(topic) ?? who
    this.#receivers.set(topic, first)
    if (first !== who) {
      const reason = `this broker deals the messages of one topic to several subscribers, in turn or by chance: ${NEEDS}`
      this.#fail('deals-in-turn', reason)
    } else if (this.#received === TOPICS * MESSAGES) this.#end(this.#resolve)
  }

  #closed({ code, reason }: ConnectionEnd): void {
    const older = /^(?:connack-(?:1|132)|protocol-error)$/.test(code)
    this.#fail(code, older ? `this broker does not speak MQTT 5: ${NEEDS}` : reason)
  }

  #tooLate(): void {
    const came = `${this.#received} of ${TOPICS * MESSAGES} messages came back`
    this.#fail(
      'probe-timeout',
      `the probe of its shared subscriptions was not over in time: ${came}`,
    )
  }

  #fail(code: string, reason: string): void {
    this.#end(() => this.#reject(new QueueError(code, reason)))
  }

  #end(tell: () => void): void {
    if (this.#over) return
    this.#over = true
    for (const undo of this.#undo) undo()
    for (const connection of this.#connections) connection.close()
    tell()
  }
}
