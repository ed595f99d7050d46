import type { HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { HttpConfig } from '../config/configuration.js'
import type { Log } from '../log.js'
import type { Access, Right, Shown } from './access.js'
import { isCrossSite, isOurHost, securityHeaders } from './gate.js'
import type { Refusals } from './refusals.js'
import type { Route, Visit } from './route.js'

export interface AppOptions {
  readonly config: HttpConfig
  readonly access: Access
  readonly refusals: Refusals
  readonly routes: readonly Route[]
  readonly log: Log
}

type Bindings = { Bindings: HttpBindings }

/** A token and little else. */
const LONGEST_BODY = 4096

/** The whole window as one function from request to response: the gate first, then the routes. */
export function createApp(options: AppOptions): Hono<Bindings> {
  const { config, refusals, routes, log } = options
  const app = new Hono<Bindings>()
  app.use(async (visit, next) => {
    for (const [name, value] of Object.entries(securityHeaders)) visit.header(name, value)
    visit.header('Cache-Control', 'no-store')
    const host = visit.req.header('host')
    if (!isOurHost(host, config.names)) {
      refusals.add('host', addressOf(visit))
      return visit.text('this host name is not one of http.hosts\n', 421)
    }
    const crossSite = isCrossSite({
      host,
      origin: visit.req.header('origin'),
      fetchSite: visit.req.header('sec-fetch-site'),
      fetchMode: visit.req.header('sec-fetch-mode'),
      method: visit.req.method,
    })
    if (!crossSite) return next()
    refusals.add('cross-site', addressOf(visit))
    return visit.text('a page of another site may not ask for this\n', 403)
  })
  for (const { method, path, access: needed, longest = LONGEST_BODY, answer } of routes) {
    app.on(
      method,
      path,
      // Before anything of the body is read.
      async (visit, next) => {
        const refusal = needed === 'anyone' ? undefined : refusalOf(visit, options, needed)
        return refusal ?? next()
      },
      bodyLimit({ maxSize: longest, onError: (visit) => visit.text('too long\n', 413) }),
      (visit) => answer(visit),
    )
  }
  app.notFound((visit) => visit.text('there is nothing here\n', 404))
  app.onError((error, visit) => {
    log.error({ err: error, path: visit.req.path }, 'answering a request failed unexpectedly')
    return visit.text('an error of the bridge, which its log tells more of\n', 500)
  })
  return app
}

/** The answer to one who may not; people are led to the login. */
function refusalOf(
  visit: Visit,
  { access, refusals }: AppOptions,
  needed: Right,
): Response | undefined {
  const judgement = access.judge(shownBy(visit), needed)
  switch (judgement) {
    case 'admin':
      return undefined
    case 'reader':
      if (needed !== 'admin') return undefined
      if (!access.hasAdmin)
        return visit.text('nothing can be changed here: there is no http.admin_token_file\n', 403)
      refusals.add('not-admin', addressOf(visit))
      return visit.text('this token may only look\n', 403)
    case 'too-often':
      visit.header('Retry-After', '60')
      return visit.text('too many wrong tokens from this address: wait a minute\n', 429)
    default:
      if (visit.req.header('sec-fetch-mode') === 'navigate') return visit.redirect('/login', 303)
      visit.header('WWW-Authenticate', 'Bearer realm="alec-bridge"')
      return visit.text(judgement === 'wrong' ? 'wrong token\n' : 'a token is needed\n', 401)
  }
}

/** What the visitor shows. */
export const shownBy = (visit: Visit): Shown => ({
  authorization: visit.req.header('authorization'),
  cookie: visit.req.header('cookie'),
  address: addressOf(visit),
})

/** Where a request comes from; empty where its socket is gone. */
export const addressOf = (visit: Visit): string => visit.env.incoming.socket.remoteAddress ?? ''
