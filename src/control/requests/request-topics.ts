import type { Undo } from '../../clock.js'
import { outputFilters, requestFilters } from '../../config/index.js'
import type { Log } from '../../log.js'
import type { BridgeTopics, Publication } from '../../outputs/index.js'
import { overlaps, topicFault } from '../../topic-filter.js'
import type { IncomingMessage, MqttLink } from '../../transport/index.js'
import type { RequestDesk } from './request-desk.js'

export interface RequestTopicsOptions {
  readonly desk: Pick<RequestDesk, 'ask' | 'document' | 'ignoreRetained'>
  readonly baseTopic: string
  readonly topics: BridgeTopics
  readonly subscribe: MqttLink['subscribe']
  readonly publish: (publication: Publication) => void
  readonly log: Log
}

const LONGEST_CORRELATION = 256

/** Brings requests from their topics to the desk, and the answers to where they are wanted. */
export class RequestTopics {
  readonly #options: RequestTopicsOptions
  readonly #prefix: string

  constructor(options: RequestTopicsOptions) {
    this.#options = options
    this.#prefix = options.topics.request('x').slice(0, -1)
  }

  /** Listens until undone. The link must not keep what comes while we are away: it would be done at any later time. */
  start(): Undo {
    const { subscribe, log } = this.#options
    return subscribe(`${this.#prefix}#`, 1, {
      onMessage: (message) => void this.#hear(message),
      onState: (state) => {
        if (state.kind === 'away' && state.code === 'subscription-refused')
          log.warn({ reason: state.reason }, 'requests over MQTT are not heard')
      },
    })
  }

  /** Says what nobody has asked for just now, where the answer to this request would stand. */
  tell(verb: string, data: unknown): void {
    const { desk, topics, publish } = this.#options
    const payload = JSON.stringify(desk.document({ ok: true, data }, undefined))
    const topic = topics.response(verb)
    publish({ topic, payload, qos: 1, retain: false, whileAway: 'drop' })
  }

  /** Never rejects. */
  async #hear({ topic, payload, retain, from, ...message }: IncomingMessage): Promise<void> {
    const { desk, publish } = this.#options
    const verb = topic.slice(this.#prefix.length)
    if (retain) {
      desk.ignoreRetained(verb)
      return
    }
    const asked = desk.ask({ verb, payload, over: 'mqtt', from })
    if (!asked) return
    const topics = this.#topicsFor(verb, message.responseTopic)
    const fits = message.correlation && message.correlation.length <= LONGEST_CORRELATION
    // Lent for the time of the call.
    const correlation = fits ? message.correlation?.slice() : undefined
    const answer = JSON.stringify(desk.document(await asked.answer, asked.transaction))
    for (const topic of topics) {
      const said = { topic, payload: answer, qos: 1, retain: false, whileAway: 'drop' } as const
      publish(correlation ? { ...said, correlation } : said)
    }
  }

  #topicsFor(verb: string, responseTopic: string | undefined): readonly string[] {
    const topics = [this.#responseTopic(verb), this.#permitted(responseTopic)]
    return [...new Set(topics.filter((topic) => topic !== undefined))]
  }

  #responseTopic(verb: string): string | undefined {
    try {
      return this.#options.topics.response(verb)
    } catch {
      // It is no verb at all, and cannot stand in a topic of ours.
      return undefined
    }
  }

  /** Nobody shall have the bridge say something in its own name, or ask itself. */
  #permitted(topic: string | undefined): string | undefined {
    if (topic === undefined || topicFault(topic) !== undefined) return undefined
    const { baseTopic } = this.#options
    const own = outputFilters(baseTopic).filter((filter) => !filter.endsWith('/response/#'))
    const forbidden = [...own, ...requestFilters(baseTopic), `${baseTopic}/+/frame`]
    return forbidden.some((filter) => overlaps(filter, topic)) ? undefined : topic
  }
}
