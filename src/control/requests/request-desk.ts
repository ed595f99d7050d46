import { didYouMean } from '../../config/index.js'
import type { Log } from '../../log.js'
import { type BucketPolicy, FULL_BUCKET, hasToken, takeToken } from '../../resilience/index.js'
import { requests } from './index.js'
import type { Affairs, Answer, Request, RequestCounters } from './request.js'
import { MOST_BYTES, readRequest, type Transaction } from './request-document.js'

export interface RequestDeskOptions {
  readonly affairs: Affairs
  readonly log: Log
  /** Of each way on which requests come; default: ten a second, fifty at once. */
  readonly limit?: BucketPolicy
}

/** The ways on which requests come. */
export type RequestWay = 'mqtt' | 'http'

/** What somebody asks for. */
export interface Asking {
  readonly verb: string
  /** JSON; nothing is as good as an empty map. Only read during the call. */
  readonly payload: Uint8Array
  readonly over: RequestWay
  /** Who asks: a user of the embedded broker, an address; absent where nobody knows. */
  readonly from?: string | undefined
}

export interface Asked {
  readonly transaction?: Transaction | undefined
  /** Never rejects. */
  readonly answer: Promise<Answer>
}

export type RequestOutcome = 'ok' | 'error' | 'limited' | 'retained'

/** How often something was asked for, and what came of it. */
export interface RequestTally {
  readonly verb: string
  readonly outcome: RequestOutcome
  readonly count: number
}

const LIMIT: BucketPolicy = { perSecond: 10, burst: 50 }
/** One at a time is worked on; so many wait, of each way: a flood on one of them does not shut the other. */
const MOST_WAITING = 100
/** What is counted for verbs that there are not: whoever asks for them shall not choose what is counted. */
const UNKNOWN = 'unknown'
const LONGEST_SHOWN = 64

interface Way {
  fullAt: number
  waiting: number
}

/** Does what the bridge is asked for, on whatever way: one request after the other, each once, within bounds. */
export class RequestDesk {
  /** The longest request, in bytes. */
  readonly longest = MOST_BYTES
  readonly #options: RequestDeskOptions
  readonly #byVerb: ReadonlyMap<string, Request>
  readonly #ways: Readonly<Record<RequestWay, Way>> = {
    mqtt: { fullAt: FULL_BUCKET, waiting: 0 },
    http: { fullAt: FULL_BUCKET, waiting: 0 },
  }
  readonly #tally = new Map<string, Map<RequestOutcome, number>>()
  #turn: Promise<void> = Promise.resolve()

  constructor(options: RequestDeskOptions) {
    this.#options = options
    this.#byVerb = new Map(requests.map((one) => [one.verb, one]))
    for (const verb of [...this.#byVerb.keys(), UNKNOWN])
      this.#tally.set(
        verb,
        new Map(Object.entries({ ok: 0, error: 0 }) as [RequestOutcome, number][]),
      )
  }

  /** Sums over all verbs. */
  get counters(): RequestCounters {
    const sum = { ok: 0, error: 0, limited: 0, retained: 0 }
    for (const { outcome, count } of this.tally()) sum[outcome] += count
    const { ok, error, limited, retained } = sum
    return { answered: ok + error, failed: error, limited, retained }
  }

  *tally(): Generator<RequestTally> {
    for (const [verb, outcomes] of this.#tally)
      for (const [outcome, count] of outcomes) yield { verb, outcome, count }
  }

  knows(verb: string): boolean {
    return this.#byVerb.has(verb)
  }

  /** Undefined where too much is asked for: it is counted, and not answered. */
  ask({ verb, payload, over, from }: Asking): Asked | undefined {
    const { affairs, log, limit = LIMIT } = this.#options
    const way = this.#ways[over]
    const now = affairs.clock.mono()
    if (!hasToken(way.fullAt, now, limit) || way.waiting >= MOST_WAITING) {
      this.#count(verb, 'limited')
      log.warn({ over, limited: this.counters.limited }, 'too many requests: some are not answered')
      return undefined
    }
    way.fullAt = takeToken(way.fullAt, now, limit)
    const read = readRequest(payload)
    const { transaction } = read
    const audit = (answer: Answer, document: unknown = {}): Answer => {
      this.#audit({ verb, over, from, transaction }, answer, document)
      return answer
    }
    const request = this.#byVerb.get(verb)
    if (!read.ok || !request) {
      const problem = read.ok ? this.#unknown(verb) : read.problem
      return { transaction, answer: Promise.resolve(audit({ ok: false, problems: [problem] })) }
    }
    way.waiting++
    const answer = this.#turn.then(async () => {
      const answer = await this.#work(request, read.document)
      way.waiting--
      return audit(answer, read.document)
    })
    this.#turn = answer.then(() => {})
    return { transaction, answer }
  }

  /** The answer as it is sent, on whatever way. */
  document(answer: Answer, transaction: Transaction | undefined): object {
    return {
      status: answer.ok ? 'ok' : 'error',
      ...(answer.ok
        ? { data: answer.data }
        : { error: answer.problems.join('; '), problems: answer.problems }),
      ...(transaction !== undefined && { transaction }),
    }
  }

  /** One that was in store is not answered: nobody knows how old it is. */
  ignoreRetained(verb: string): void {
    this.#count(verb, 'retained')
    this.#options.log.warn(
      { request: verb.slice(0, LONGEST_SHOWN) },
      'a retained request is not answered: nobody knows how old it is',
    )
  }

  async #work(request: Request, document: unknown): Promise<Answer> {
    const { affairs, log } = this.#options
    try {
      return await request.answer(document, affairs)
    } catch (error) {
      log.error({ err: error, request: request.verb }, 'a request failed unexpectedly')
      return { ok: false, problems: ['it failed unexpectedly: see the log of the bridge'] }
    }
  }

  /** Counts it, and writes down who asked for what, and what came of it. */
  #audit(
    {
      verb,
      over,
      from,
      transaction,
    }: Pick<Asking, 'verb' | 'over' | 'from'> & Pick<Asked, 'transaction'>,
    answer: Answer,
    document: unknown,
  ): void {
    const { log } = this.#options
    this.#count(verb, answer.ok ? 'ok' : 'error')
    const facts = {
      request: verb.slice(0, LONGEST_SHOWN),
      over,
      ...(from !== undefined && { from }),
      ...(transaction !== undefined && { transaction }),
      ...briefly(document),
      ...(!answer.ok && { problems: answer.problems }),
    }
    if (!answer.ok) log.warn(facts, 'request refused')
    else if (this.#byVerb.get(verb)?.changes) log.info(facts, 'request done')
    else log.debug(facts, 'request answered')
  }

  #count(verb: string, outcome: RequestOutcome): void {
    const outcomes = this.#tally.get(verb) ?? this.#tally.get(UNKNOWN)
    outcomes?.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
  }

  #unknown(verb: string): string {
    const verbs = [...this.#byVerb.keys()]
    const shown = JSON.stringify(verb.slice(0, LONGEST_SHOWN))
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
