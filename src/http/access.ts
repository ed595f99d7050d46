import type { Clock } from '../clock.js'
import type { HttpConfig } from '../config/configuration.js'
import { FailureLimit } from '../resilience/index.js'
import type { Refusals } from './refusals.js'
import { cookieIn, isSame, isSession, sessionCookie, setCookie } from './session-cookie.js'

/** What somebody shows at the window, and where he comes from. */
export interface Shown {
  readonly authorization: string | undefined
  readonly cookie: string | undefined
  readonly address: string
}

/** What somebody wants: to see everything, only what is counted, or to have something done. */
export type Right = 'reader' | 'scraper' | 'admin'

/** Who somebody is: an admin may all that a reader may. */
export type Judgement = 'admin' | 'reader' | 'nobody' | 'wrong' | 'too-often'

/** How long a login holds: one by which things are changed is shown again every day. */
const READER_SECONDS = 30 * 86_400
const ADMIN_SECONDS = 12 * 3600

/** Says who may look in, and who may have something done. */
export class Access {
  readonly #config: HttpConfig
  readonly #clock: Clock
  readonly #refusals: Refusals
  readonly #failures = new FailureLimit()
  readonly #cookieName: string

  constructor(config: HttpConfig, clock: Clock, refusals: Refusals) {
    this.#config = config
    this.#clock = clock
    this.#refusals = refusals
    // Cookies know no ports: two bridges on one machine must not log each other out.
    this.#cookieName = `${config.tls ? '__Host-' : ''}alec-${config.port}`
  }

  /** Whether a token is needed to look in. */
  get isGuarded(): boolean {
    return this.#config.token !== undefined
  }

  /** Whether there is somebody who may have something done. */
  get hasAdmin(): boolean {
    return this.#config.adminToken !== undefined
  }

  /** Who this is, as far as it matters for what is `wanted`. */
  judge({ authorization, cookie, address }: Shown, wanted: Right = 'reader'): Judgement {
    const { token, adminToken } = this.#config
    // Nobody guesses 256 bits: a session is not worth a limit.
    const session = cookieIn(cookie, this.#cookieName)
    if (this.#isSession(session, adminToken)) return 'admin'
    if (this.#isSession(session, token) && wanted !== 'admin') return 'reader'
    if (!this.isGuarded && (wanted !== 'admin' || !this.hasAdmin)) return 'reader'
    const [, bearer] = /^Bearer ([!-~]+)$/i.exec(authorization ?? '') ?? []
    if (bearer !== undefined) return this.#try(bearer, address, wanted)
    return this.#isSession(session, token) ? 'reader' : 'nobody'
  }

  /** The header that makes a session of a right token, or what is wrong with this one. */
  logIn(given: string, address: string): { readonly setCookie: string } | Judgement {
    const { token, adminToken } = this.#config
    const judgement = this.#try(given, address, 'reader')
    const isAdmin = judgement === 'admin'
    const shown = isAdmin ? adminToken : token
    if ((!isAdmin && judgement !== 'reader') || shown === undefined) return judgement
    const seconds = isAdmin ? ADMIN_SECONDS : READER_SECONDS
    return {
      setCookie: this.#setCookie(sessionCookie(shown, this.#clock.wall(), seconds), seconds),
    }
  }

  logOut(): string {
    return this.#setCookie('', 0)
  }

  #setCookie(value: string, seconds: number): string {
    return setCookie(this.#cookieName, value, seconds, this.#config.tls !== undefined)
  }

  #isSession(session: string | undefined, token: string | undefined): boolean {
    if (session === undefined || token === undefined) return false
    return isSession(session, token, this.#clock.wall())
  }

  #try(given: string, address: string, wanted: Right): Judgement {
    const now = this.#clock.mono()
    if (!this.#failures.mayTry(address, now)) {
      this.#refusals.add('too-often', address)
      return 'too-often'
    }
    const { token, adminToken, metrics } = this.#config
    const isToken = (one: string | undefined) => one !== undefined && isSame(given, one)
    if (isToken(adminToken)) return 'admin'
    if (isToken(token)) return 'reader'
    if (wanted === 'scraper' && isToken(metrics.token)) return 'reader'
    this.#failures.failed(address, now)
    this.#refusals.add('token', address)
    return 'wrong'
  }
}
