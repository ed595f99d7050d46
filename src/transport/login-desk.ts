import type { BrokerUserConfig } from '../config/configuration.js'
import { type Rights, rightsOf } from './access-rules.js'
import type { LoginBackoff } from './login-backoff.js'
import { isPassword, noPassword, type PasswordHash, readPassword } from './password-hash.js'

/** What somebody says and shows at the door. */
export interface LoginRequest {
  readonly clientId: string
  readonly user?: string | undefined
  readonly password?: Uint8Array | undefined
  /** The common name of the certificate that TLS has verified. */
  readonly certificate?: string | undefined
  readonly address: string
  /** Monotonic milliseconds. */
  readonly now: number
}

/** With a CONNACK return code (MQTT 3.1.1, table 3.1) where there is no way in. */
export type LoginOutcome =
  | { readonly ok: true; readonly rights: Rights }
  | { readonly ok: false; readonly returnCode: 2 | 3 | 4 | 5; readonly reason: LoginFault }

export type LoginFault =
  | 'login-too-often'
  | 'login-no-user'
  | 'login-unknown-user'
  | 'login-wrong-password'
  | 'login-other-certificate'
  | 'login-other-client-id'

interface Account {
  readonly rights: Rights
  readonly clientIds: ReadonlySet<string>
  /** Absent where the certificate alone says who it is. */
  readonly password?: PasswordHash
}

/** Says who may come in as whom. */
export class LoginDesk {
  readonly #accounts: ReadonlyMap<string, Account>
  readonly #backoff: LoginBackoff
  readonly #nobody = noPassword()
  /** Logins are judged one at a time: each takes 16 MiB and a thread of four, which the disk needs as well. */
  #turn: Promise<unknown> = Promise.resolve()

  private constructor(accounts: ReadonlyMap<string, Account>, backoff: LoginBackoff) {
    this.#accounts = accounts
    this.#backoff = backoff
  }

  /** Hashes what came as plain text; nothing of it is kept. */
  static async open(users: readonly BrokerUserConfig[], backoff: LoginBackoff): Promise<LoginDesk> {
    const accounts = new Map<string, Account>()
    for (const user of users) {
      const { name, clientIds, password } = user
      accounts.set(name, {
        rights: rightsOf(user),
        clientIds: new Set(clientIds),
        ...(password !== undefined && { password: await readPassword(password) }),
      })
    }
    return new LoginDesk(accounts, backoff)
  }

  /** What a user may do now; undefined for one that there is not. */
  rights(user: string): Rights | undefined {
    return this.#accounts.get(user)?.rights
  }

  /** In turn, so that many guesses at once are no more guesses than one after the other. */
  admit(request: LoginRequest): Promise<LoginOutcome> {
    const turn = this.#turn.then(() => this.#answer(request))
    this.#turn = turn.catch(() => {})
    return turn
  }

  async #answer(request: LoginRequest): Promise<LoginOutcome> {
    const { address, now, certificate } = request
    const user = request.user ?? certificate ?? ''
    if (!this.#backoff.mayTry(address, user, now)) return refused(3, 'login-too-often')
    const outcome = await this.#judge(request, user)
    if (!outcome.ok) this.#backoff.failed(address, user, now)
    return outcome
  }

  async #judge(request: LoginRequest, user: string): Promise<LoginOutcome> {
    const { clientId, password, certificate } = request
    if (user === '') return refused(4, 'login-no-user')
    const account = this.#accounts.get(user)
    if (certificate !== undefined && certificate !== user) {
      return refused(5, 'login-other-certificate')
    }
    const byCertificate = account !== undefined && account.password === undefined
    if (!byCertificate || certificate === undefined) {
      const right = await this.#isRight(password, account?.password)
      // The same answer to both: nobody shall learn which names there are.
      if (!account) return refused(4, 'login-unknown-user')
      if (!right) return refused(4, 'login-wrong-password')
    }
    // Who could take another's id would throw the other one out.
    if (!account.clientIds.has(clientId)) return refused(2, 'login-other-client-id')
    return { ok: true, rights: account.rights }
  }

  async #isRight(given: Uint8Array | undefined, wanted: PasswordHash | undefined) {
    const isRight = await isPassword(given ?? new Uint8Array(), wanted ?? this.#nobody)
    return isRight && wanted !== undefined && given !== undefined
  }
}

const refused = (returnCode: 2 | 3 | 4 | 5, reason: LoginFault): LoginOutcome => ({
  ok: false,
  returnCode,
  reason,
})
