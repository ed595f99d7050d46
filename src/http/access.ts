import type { Clock } from '../clock.js'
import type { HttpConfig } from '../config/configuration.js'
import { FailureLimit } from '../resilience/index.js'
import { cookieIn, isSame, isSession, sessionCookie, setCookie } from './session-cookie.js'

/** What somebody shows at the window, and where he comes from. */
export interface Shown {
  readonly authorization: string | undefined
  readonly cookie: string | undefined
  readonly address: string
}

/** What somebody wants: to see everything, or only what is counted. */
export type Right = 'reader' | 'scraper'

export type Judgement = 'reader' | 'nobody' | 'wrong' | 'too-often'

/** Says who may look in. */
export class Access {
  readonly #config: HttpConfig
  readonly #clock: Clock
  readonly #failures = new FailureLimit()
  readonly #cookieName: string

  constructor(config: HttpConfig, clock: Clock) {
    this.#config = config
    this.#clock = clock
    // Cookies know no ports: two bridges on one machine must not log each other out.
    this.#cookieName = `${config.tls ? '__Host-' : ''}alec-${config.port}`
  }

  /** Whether a token is needed at all. */
  get isGuarded(): boolean {
    return this.#config.token !== undefined
  }

  /** `reader` where this one may do what is `wanted`. */
  judge({ authorization, cookie, address }: Shown, wanted: Right = 'reader'): Judgement {
    const { token } = this.#config
    if (token === undefined) return 'reader'
    const session = cookieIn(cookie, this.#cookieName)
    // Nobody guesses 256 bits: a session is not worth a limit.
    if (session !== undefined && isSession(session, token, this.#clock.wall())) return 'reader'
    const [, bearer] = /^Bearer ([!-~]+)$/i.exec(authorization ?? '') ?? []
    return bearer === undefined ? 'nobody' : this.#try(bearer, address, wanted)
  }

  /** The header that makes a session of the right token, or what is wrong with this one. */
  logIn(given: string, address: string): { readonly setCookie: string } | Judgement {
    const { token, tls } = this.#config
    const judgement = this.#try(given, address, 'reader')
    if (judgement !== 'reader' || token === undefined) return judgement
    const value = sessionCookie(token, this.#clock.wall())
    return { setCookie: setCookie(this.#cookieName, value, tls !== undefined) }
  }

  logOut(): string {
    return setCookie(this.#cookieName, '', this.#config.tls !== undefined)
  }

  #try(given: string, address: string, wanted: Right): Judgement {
    const now = this.#clock.mono()
    if (!this.#failures.mayTry(address, now)) return 'too-often'
    const { token = '', metrics } = this.#config
    if (isSame(given, token)) return 'reader'
    if (wanted === 'scraper' && metrics.token !== undefined && isSame(given, metrics.token))
      return 'reader'
    this.#failures.failed(address, now)
    return 'wrong'
  }
}
