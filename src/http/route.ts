import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'
import type { Right } from './access.js'

/** A request as the routes get it; Node's own request and response are in `env`. */
export type Visit = Context<{ Bindings: HttpBindings }>

/**
 * One address of the window. `anyone`: without a token, for what is no secret. `reader`: whoever may look in. `scraper`:
 * also with the token of the metrics. `admin`: whoever may have something done.
 * To add one: a file in `routes` that makes `Route`s of the views that it needs, and a line in `routes/index.ts`.
 * The gate has judged host, origin and token before `answer` is called, and sets the headers of security.
 */
export interface Route {
  readonly method: 'GET' | 'POST'
  /** As Hono writes it: `/api/devices/:id`. */
  readonly path: string
  readonly access: 'anyone' | Right
  /** The longest body that it takes, in bytes; default: that of a token and little else. */
  readonly longest?: number
  answer(visit: Visit): Response | Promise<Response>
}

export const get = (path: string, access: Route['access'], answer: Route['answer']): Route => ({
  method: 'GET',
  path,
  access,
  answer,
})
