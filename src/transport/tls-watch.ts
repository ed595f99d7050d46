import { X509Certificate } from 'node:crypto'
import type { Clock } from '../clock.js'
import type { HealthCheck, HealthCheckable } from '../resilience/index.js'

const DAY_MS = 24 * 60 * 60 * 1000
const DEGRADED_DAYS = 30
const UNHEALTHY_DAYS = 3
/** Before this a clock has not been set, and says nothing about a certificate. */
const PLAUSIBLE_MS = Date.UTC(2024, 0)

export interface TlsWatchOptions {
  readonly clock: Clock
  /** Any certificate is taken for the right one. */
  readonly insecure: boolean
}

/** Watches how long certificates are still valid: one that has ended cuts the bridge off, on a day that is known. */
export class TlsWatch implements HealthCheckable {
  readonly #options: TlsWatchOptions
  /** The ends of certificates by whose they are, Unix milliseconds. */
  readonly #ends = new Map<string, number>()

  constructor(options: TlsWatchOptions) {
    this.#options = options
  }

  /** Takes the first certificate of a PEM text as that of `owner`; what is no certificate is for TLS to refuse. */
  ours(owner: string, pem: string | undefined): void {
    if (pem === undefined) return
    try {
      this.saw(owner, new X509Certificate(pem))
    } catch {
      // It cannot be used, which the connection that needs it says better.
      this.#ends.delete(owner)
    }
  }

  /** This certificate is in use; a renewed one takes the place of the old one. */
  saw(owner: string, { validTo }: X509Certificate): void {
    this.#ends.set(owner, Date.parse(validTo))
  }

  healthCheck(now: number): HealthCheck {
    const check = { component: 'tls', checkedAt: now }
    const found = this.#findings()
    const unhealthy = found.find(({ status }) => status === 'unhealthy')
    const worst = unhealthy ?? found[0]
    if (!worst) return { ...check, status: 'healthy', message: this.#wellDone() }
    return { ...check, status: worst.status, message: found.map((each) => each.message).join('; ') }
  }

  #findings(): { readonly status: 'degraded' | 'unhealthy'; readonly message: string }[] {
    const { clock, insecure } = this.#options
    const wall = clock.wall()
    const ends = wall < PLAUSIBLE_MS ? [] : [...this.#ends].sort(([, a], [, b]) => a - b)
    const dated = ends.flatMap(([owner, end]) => {
      const days = Math.floor((end - wall) / DAY_MS)
      if (days >= DEGRADED_DAYS) return []
      const status = days < UNHEALTHY_DAYS ? 'unhealthy' : 'degraded'
      const when = days < 0 ? 'has expired' : `expires in ${days} days: renew it`
      return [{ status, message: `the certificate of ${owner} ${when}` } as const]
    })
    if (!insecure) return dated
    const message =
      'insecure_tls: any certificate is taken for that of the broker, so anybody in between can read and change everything'
    return [{ status: 'degraded', message }, ...dated]
  }

  #wellDone(): string {
    return this.#ends.size === 0
      ? 'no certificate was seen yet'
      : `valid for more than ${DEGRADED_DAYS} days: ${[...this.#ends.keys()].join(', ')}`
  }
}
