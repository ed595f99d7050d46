import { connectAsync, type MqttClient } from 'mqtt'

/**
 * A consumer whose subscription outlives connections and the broker's restarts: it comes back by itself, and what was
 * published meanwhile waits for it.
 */
export class LoyalConsumer {
  readonly #client: MqttClient

  private constructor(client: MqttClient) {
    this.#client = client
  }

  static async connect(
    url: string,
    filters: readonly string[],
    onMessage: (topic: string, payload: string) => void,
  ): Promise<LoyalConsumer> {
    const client = await connectAsync(url, {
      clientId: 'loyal-consumer',
      clean: false,
      protocolVersion: 4,
      reconnectPeriod: 50,
      connectTimeout: 2000,
      // The session has the subscriptions: that they hold over a restart is what is relied upon.
      resubscribe: false,
    })
    client.on('error', () => {})
    client.on('message', (topic, payload) => onMessage(topic, payload.toString()))
    for (const filter of filters) await client.subscribeAsync(filter, { qos: 1 })
    return new LoyalConsumer(client)
  }

  get isConnected(): boolean {
    return this.#client.connected
  }

  /** Publishes as anybody else might; resolves once the broker has it. */
  async publish(topic: string, payload: string | Buffer, qos: 0 | 1 = 1): Promise<void> {
    await this.#client.publishAsync(topic, payload, { qos })
  }

  async close(): Promise<void> {
    await this.#client.endAsync(true)
  }
}
