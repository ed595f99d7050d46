import { isIP } from 'node:net'

/** Nothing but our own files, and no page of another site around ours. The codec of the inspector is WebAssembly. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** On every answer. */
export const securityHeaders: Readonly<Record<string, string>> = Object.freeze({
  'Content-Security-Policy': POLICY,
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  // Not `no-referrer`: browsers then hide the origin of our own login form as well.
  'Referrer-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), microphone=(), geolocation=()',
})

/**
 * Whether the `Host` of a request is one of ours. A page elsewhere can make its own name resolve to our address and so
 * pass for us (DNS rebinding); it cannot make the browser say an address, or our name.
 */
export function isOurHost(host: string | undefined, names: readonly string[]): boolean {
  const [, bracketed, plain] = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::\d{1,5})?$/.exec(host ?? '') ?? []
  if (bracketed !== undefined) return isIP(bracketed) === 6
  const name = (plain ?? '').toLowerCase().replace(/\.$/, '')
  return name === 'localhost' || isIP(name) === 4 || names.includes(name)
}

/** The headers by which a browser says whose page makes the request. */
export interface Origins {
  readonly host: string | undefined
  readonly origin: string | undefined
  readonly fetchSite: string | undefined
  readonly fetchMode: string | undefined
  readonly method: string
}

/** Whether a browser says that it is a page of ours which makes a request; every browser does, and no other page can. */
export const isOwnPage = ({ origin, fetchSite }: Pick<Origins, 'origin' | 'fetchSite'>): boolean =>
  // That it is ours, and not any, the gate has seen.
  origin !== undefined || fetchSite === 'same-origin'

/** Whether a page of another site makes this request; a link there that leads here is none. */
export function isCrossSite({ host, origin, fetchSite, fetchMode, method }: Origins): boolean {
  // Behind a proxy that speaks TLS the scheme is another; the host is what counts.
  if (origin !== undefined) return !URL.canParse(origin) || new URL(origin).host !== host
  const isOurs = fetchSite === undefined || fetchSite === 'same-origin' || fetchSite === 'none'
  return !isOurs && !(method === 'GET' && fetchMode === 'navigate')
}
