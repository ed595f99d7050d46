import dns, { type LookupAddress, type LookupOptions } from 'node:dns'
import { isIP } from 'node:net'
import type { Clock, Undo } from '../clock.js'

type Failure = NodeJS.ErrnoException | null
type OnAddresses = (error: Failure, addresses: readonly LookupAddress[]) => void

export interface NameDeskOptions {
  readonly clock: Clock
  /** Asks the system for all addresses of a name. */
  readonly ask: (host: string, options: LookupOptions & { all: true }, done: OnAddresses) => void
}

interface Question {
  readonly host: string
  readonly options: LookupOptions
  readonly waiting: Set<OnAddresses>
}

/** Less than any connection may take to be opened. */
const PATIENCE_MS = 4000
/** All names come from the configuration: more than these have been in it, one after the other. */
const MOST_KNOWN = 100

/**
 * Asks the system for the addresses of names, one name at a time, and for each only once at a time. A look-up takes one of
 * the four threads that Node has for whatever waits for the system, for half a minute where the name server is away; it
 * must not be all that the disk (`fewAtATime`) has left. Who has waited for long enough, or hears that the server does not
 * answer, gets what was known last: a broker does not move because its name server is away.
 */
export class NameDesk {
  readonly #options: NameDeskOptions
  /** In the order in which they are asked; the first one is being asked. */
  readonly #questions = new Map<string, Question>()
  readonly #known = new Map<string, readonly LookupAddress[]>()
  #isAsking = false

  constructor(options: NameDeskOptions) {
    this.#options = options
  }

  lookup(host: string, options: LookupOptions, done: OnAddresses): void {
    const { clock, ask } = this.#options
    if (isIP(host) !== 0) {
      ask(host, { ...options, all: true }, done)
      return
    }
    const { family = 0, hints = 0 } = options
    const key = `${host} ${family} ${hints}`
    const question = this.#questions.get(key) ?? { host, options, waiting: new Set() }
    this.#questions.set(key, question)
    let cancel: Undo = () => {}
    const answer: OnAddresses = (...answered) => {
      question.waiting.delete(answer)
      cancel()
      done(...answered)
    }
    question.waiting.add(answer)
    cancel = clock.setTimer(PATIENCE_MS, () => this.#answerAsBefore(key, answer, silence(host)))
    this.#askNext()
  }

  #askNext(): void {
    const [next] = this.#questions
    if (!next || this.#isAsking) return
    this.#isAsking = true
    const [key, { host, options }] = next
    this.#options.ask(host, { ...options, all: true }, (error, addresses) => {
      this.#isAsking = false
      this.#settle(key, error, addresses)
      this.#askNext()
    })
  }

  /** Its answer is kept also where nobody waits for it any more: whoever did asks again. */
  #settle(key: string, error: Failure, addresses: readonly LookupAddress[]): void {
    const question = this.#questions.get(key)
    this.#questions.delete(key)
    const isSilence = error?.code === 'EAI_AGAIN'
    if (!isSilence) this.#known.delete(key)
    if (!error) this.#know(key, addresses)
    for (const answer of question?.waiting ?? []) {
      if (isSilence) this.#answerAsBefore(key, answer, error)
      else answer(error, addresses)
    }
  }

  #answerAsBefore(key: string, answer: OnAddresses, error: Failure): void {
    const known = this.#known.get(key)
    if (known) answer(null, known)
    else answer(error, [])
  }

  #know(key: string, addresses: readonly LookupAddress[]): void {
    this.#known.set(key, addresses)
    const [oldest] = this.#known.keys()
    if (this.#known.size > MOST_KNOWN && oldest !== undefined) this.#known.delete(oldest)
  }
}

const silence = (host: string): NodeJS.ErrnoException =>
  Object.assign(new Error(`no answer to the question for the addresses of ${host}`), {
    code: 'EAI_AGAIN',
  })

/** Has every connection of this process ask a desk for names: the libraries that open them take no other way. */
export function shareNames(clock: Clock): void {
  const system = dns.lookup
  const desk = new NameDesk({
    clock,
    // With an error there are none.
    ask: (host, options, done) =>
      system(host, options, (error, addresses) => done(error, addresses ?? [])),
  })
  const lookup = (host: string, ...rest: readonly unknown[]) => {
    const done = rest.at(-1) as (error: Failure, ...answer: readonly unknown[]) => void
    const [given] = rest
    const options = typeof given === 'object' && given !== null ? (given as LookupOptions) : {}
    desk.lookup(host, options, (error, addresses) => {
      const [first] = addresses
      if (error) done(error)
      else if (options.all) done(null, addresses)
      else done(null, first?.address, first?.family)
    })
  }
  Object.assign(dns, { lookup })
}
