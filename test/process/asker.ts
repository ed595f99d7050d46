import { Observer } from '../transport/observer.js'

/** What the bridge answers. */
export interface Answered {
  readonly status: 'ok' | 'error'
  // biome-ignore lint/suspicious/noExplicitAny: what it holds is what the tests are about
  readonly data?: any
  readonly error?: string
  readonly problems?: readonly string[]
  readonly transaction?: string | number
}

/** An MQTT client that asks the bridge for something and waits for the answer. */
export class Asker {
  readonly observer: Observer
  #transaction = 0

  private constructor(observer: Observer) {
    this.observer = observer
  }

  /** Its client ends with the test. */
  static async of(
    url: string,
    onDone: (end: () => Promise<void>) => void,
    ...filters: string[]
  ): Promise<Asker> {
    const observer = await Observer.of(url, 'alec/bridge/response/#', ...filters)
    onDone(() => observer.close())
    return new Asker(observer)
  }

  async ask(verb: string, input: object = {}): Promise<Answered> {
    const transaction = `t${this.#transaction++}`
    await this.say(verb, JSON.stringify({ ...input, transaction }))
    return this.answer(verb, (answered) => answered.transaction === transaction)
  }

  /** Asks in these very bytes. */
  async say(verb: string, payload: string, options: { retain?: boolean } = {}): Promise<void> {
    await this.observer.publish(`alec/bridge/request/${verb}`, payload, options)
  }

  /** The first answer to a verb that is like this. */
  async answer(
    verb: string,
    isIt: (answered: Answered) => boolean = () => true,
  ): Promise<Answered> {
    let found: Answered | undefined
    await this.observer.until((seen) => {
      found = seen
        .filter(({ topic }) => topic === `alec/bridge/response/${verb}`)
        .map(({ payload }): Answered => JSON.parse(payload))
        .find(isIt)
      return found !== undefined
    })
    return found as Answered
  }
}
