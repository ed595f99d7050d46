import type { Undo } from '../../clock.js'
import { didYouMean, outputFilters, requestFilters } from '../../config/index.js'
import type { Log } from '../../log.js'
import type { BridgeTopics, Publication } from '../../outputs/index.js'
import { type BucketPolicy, FULL_BUCKET, hasToken, takeToken } from '../../resilience/index.js'
import { overlaps, topicFault } from '../../topic-filter.js'
import type { IncomingMessage, MqttLink } from '../../transport/index.js'
import { requests } from './index.js'
import type { Affairs, Answer, Request, RequestCounters } from './request.js'
import { readRequest, type Transaction } from './request-document.js'

export interface RequestDeskOptions {
  readonly affairs: Affairs
  readonly topics: BridgeTopics
  readonly subscribe: MqttLink['subscribe']
  readonly publish: (publication: Publication) => void
  readonly log: Log
  /** Default: ten a second, fifty at once. */
  readonly limit?: BucketPolicy
}

const LIMIT: BucketPolicy = { perSecond: 10, burst: 50 }
/** One at a time is worked on; so many wait. */
const MOST_WAITING = 100
const LONGEST_CORRELATION = 256

/** Where an answer is wanted, and what it has to carry. */
interface Sender {
  readonly topics: readonly string[]
  readonly transaction?: Transaction | undefined
  readonly correlation?: Uint8Array | undefined
}

/** Answers what the bridge is asked for over MQTT: one request after the other, each once, within bounds. */
export class RequestDesk {
  readonly #options: RequestDeskOptions
  readonly #byVerb: ReadonlyMap<string, Request>
  readonly #prefix: string
  #turn: Promise<void> = Promise.resolve()
  #waiting = 0
  #fullAt = FULL_BUCKET
  readonly #counts = { answered: 0, failed: 0, limited: 0, retained: 0 }

  constructor(options: RequestDeskOptions) {
    this.#options = options
    this.#byVerb = new Map(requests.map((one) => [one.verb, one]))
    this.#prefix = options.topics.request('x').slice(0, -1)
  }

  get counters(): RequestCounters {
    return { ...this.#counts }
  }

  /** Listens until undone. The link must not keep what comes while we are away: it would be done at any later time. */
  start(): Undo {
    const { subscribe, log } = this.#options
    return subscribe(`${this.#prefix}#`, 1, {
      onMessage: (message) => this.#hear(message),
      onState: (state) => {
        if (state.kind === 'away' && state.code === 'subscription-refused')
          log.warn({ reason: state.reason }, 'requests over MQTT are not heard')
      },
    })
  }

  #hear(message: IncomingMessage): void {
    const { affairs, log } = this.#options
    const verb = message.topic.slice(this.#prefix.length)
    if (message.retain) {
      this.#counts.retained++
      log.warn({ verb }, 'a retained request is not answered: nobody knows how old it is')
      return
    }
    const now = affairs.clock.mono()
    const { limit = LIMIT } = this.#options
    if (!hasToken(this.#fullAt, now, limit) || this.#waiting >= MOST_WAITING) {
      this.#counts.limited++
      log.warn({ limited: this.#counts.limited }, 'too many requests: some are not answered')
      return
    }
    this.#fullAt = takeToken(this.#fullAt, now, limit)
    const read = readRequest(message.payload)
    const sender = this.#senderOf(verb, message, read.transaction)
    if (!read.ok) {
      this.#answer(verb, sender, { ok: false, problems: [read.problem] })
      return
    }
    const request = this.#byVerb.get(verb)
    if (!request) {
      this.#answer(verb, sender, { ok: false, problems: [this.#unknown(verb)] })
      return
    }
    this.#waiting++
    this.#turn = this.#turn.then(() => this.#work(request, read.document, sender))
  }

  /** Never rejects. */
  async #work(request: Request, document: unknown, sender: Sender): Promise<void> {
    const { affairs, log } = this.#options
    let answer: Answer
    try {
      answer = await request.answer(document, affairs)
    } catch (error) {
      log.error({ err: error, request: request.verb }, 'a request failed unexpectedly')
      answer = { ok: false, problems: ['it failed unexpectedly: see the log of the bridge'] }
    }
    this.#waiting--
    this.#answer(request.verb, sender, answer, document, request.changes)
  }

  #answer(
    verb: string,
    { topics, transaction, correlation }: Sender,
    answer: Answer,
    document: unknown = {},
    changes = false,
  ): void {
    const { publish, log } = this.#options
    this.#counts.answered++
    if (!answer.ok) this.#counts.failed++
    const payload = JSON.stringify({
      status: answer.ok ? 'ok' : 'error',
      ...(answer.ok
        ? { data: answer.data }
        : { error: answer.problems.join('; '), problems: answer.problems }),
      ...(transaction !== undefined && { transaction }),
    })
    for (const topic of topics) {
      const said = { topic, payload, qos: 1, retain: false, whileAway: 'drop' } as const
      publish(correlation ? { ...said, correlation } : said)
    }
    const facts = {
      request: verb,
      ...(transaction !== undefined && { transaction }),
      ...briefly(document),
      ...(!answer.ok && { problems: answer.problems }),
    }
    if (answer.ok && changes) log.info(facts, 'request done')
    else if (answer.ok) log.debug(facts, 'request answered')
    else log.warn(facts, 'request refused')
  }

  #senderOf(
    verb: string,
    { responseTopic, correlation }: IncomingMessage,
    transaction: Transaction | undefined,
  ): Sender {
    const topics = [this.#responseTopic(verb), this.#permitted(responseTopic)]
    const fits = correlation !== undefined && correlation.length <= LONGEST_CORRELATION
    return {
      topics: [...new Set(topics.filter((topic) => topic !== undefined))],
      transaction,
      // Lent for the time of the call.
      correlation: fits ? correlation.slice() : undefined,
    }
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
    const { baseTopic } = this.#options.affairs.settings.current
    const own = outputFilters(baseTopic).filter((filter) => !filter.endsWith('/response/#'))
    const forbidden = [...own, ...requestFilters(baseTopic), `${baseTopic}/+/frame`]
    return forbidden.some((filter) => overlaps(filter, topic)) ? undefined : topic
  }

  #unknown(verb: string): string {
    const verbs = [...this.#byVerb.keys()]
    const shown = JSON.stringify(verb.slice(0, 64))
    return `there is no request ${shown}${didYouMean(verb, verbs)}; there are: ${verbs.join(', ')}`
  }
}

/** What was asked for, as the log may show it: ids and words, not states. */
function briefly(document: unknown): object {
  if (typeof document !== 'object' || document === null) return {}
  const { alcs, ...facts } = document as Record<string, unknown>
  return {
    input: { ...facts, ...(typeof alcs === 'string' && { alcs: `${alcs.length / 2} bytes` }) },
  }
}
