import { Socket } from 'node:net'
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt'

export interface Seen {
  readonly topic: string
  readonly payload: string
  readonly bytes: Uint8Array
  readonly retain: boolean
}

/** A plain MQTT client that remembers what it is sent, as any consumer of ours would be. */
export class Observer {
  readonly client: MqttClient
  readonly seen: Seen[] = []
  #check: () => void = () => {}

  private constructor(client: MqttClient) {
    this.client = client
    client.on('error', () => {})
    client.on('message', (topic, payload, { retain }) => {
      this.seen.push({
        topic,
        payload: payload.toString(),
        bytes: Uint8Array.from(payload),
        retain,
      })
      this.#check()
    })
  }

  static async connect(url: string, options: IClientOptions = {}): Promise<Observer> {
    const client = await connectAsync(url, { reconnectPeriod: 0, ...options }, false)
    // Two small packets in a row would wait for each other's acknowledgement by the system, 40 ms.
    if (client.stream instanceof Socket) client.stream.setNoDelay(true)
    return new Observer(client)
  }

  /** Connects and subscribes. */
  static async of(url: string, ...filters: string[]): Promise<Observer> {
    const observer = await Observer.connect(url)
    for (const filter of filters) await observer.client.subscribeAsync(filter, { qos: 1 })
    return observer
  }

  get topics(): string[] {
    return this.seen.map(({ topic }) => topic)
  }

  /** Resolves once what was seen satisfies the condition; rejects with all that was seen after `limitMs`. */
  until(condition: (seen: readonly Seen[]) => boolean, limitMs = 10_000): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        const seen = this.seen.slice(-20).map(({ topic, payload }) => `${topic}=${payload}`)
        reject(new Error(`not seen in ${limitMs} ms; the last ones: ${seen.join(', ')}`))
      }, limitMs)
      this.#check = () => {
        if (!condition(this.seen)) return
        clearTimeout(timer)
        this.#check = () => {}
        resolve()
      }
      this.#check()
    })
  }

  async publish(
    topic: string,
    payload: string | Uint8Array,
    options: { qos?: 0 | 1 | 2; retain?: boolean } = {},
  ): Promise<void> {
    const bytes = typeof payload === 'string' ? payload : Buffer.from(payload)
    await this.client.publishAsync(topic, bytes, { qos: 1, ...options })
  }

  async close(): Promise<void> {
    await this.client.endAsync(true)
  }
}
