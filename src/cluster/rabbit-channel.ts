import type { AsyncMessage, Channel } from 'rabbitmq-client'
import type { QueueChannel, QueueMessage } from './queue-port.js'

/** The type of a message that carries no frame. */
export const TICK = 'alec.tick'

/** A channel on which one queue is consumed. */
export class RabbitChannel implements QueueChannel {
  readonly #channel: Channel
  #closed = false

  constructor(channel: Channel, onClosed: () => void) {
    this.#channel = channel
    const gone = () => {
      if (this.#closed) return
      this.#closed = true
      onClosed()
      void channel.close()
    }
    channel.on('error', gone)
    channel.on('close', gone)
    // The queue is gone, or has moved to another node.
    channel.on('basic.cancel', gone)
  }

  async consume(
    queue: string,
    prefetch: number,
    onMessage: (message: QueueMessage) => void,
  ): Promise<void> {
    await this.#channel.basicQos({ prefetchCount: prefetch })
    await this.#channel.basicConsume({ queue }, (message) => {
      // The library hands over later what came before the end.
      if (!this.#closed) onMessage(queueMessage(message))
    })
  }

  ackUpTo(tag: number): void {
    if (!this.#closed && this.#channel.active)
      this.#channel.basicAck({ deliveryTag: tag, multiple: true })
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#channel.close()
  }
}

const queueMessage = (message: AsyncMessage): QueueMessage => ({
  routingKey: message.routingKey,
  payload: bytesOf(message.body),
  tag: message.deliveryTag,
  again: message.redelivered,
  tick: message.type === TICK,
})

/** What says of itself that it is text or JSON the library has read already. */
function bytesOf(body: unknown): Uint8Array {
  if (body instanceof Uint8Array) return body
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
}
