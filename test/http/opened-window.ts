import { type IncomingMessage, type OutgoingHttpHeaders, request } from 'node:http'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { systemClock } from '../../src/clock.js'
import type { HttpConfig } from '../../src/config/configuration.js'
import { type Views, Window } from '../../src/http/index.js'
import { Refusals } from '../../src/http/refusals.js'
import type { LinkView } from '../../src/http/views.js'
import { heardLog } from './heard-log.js'

export const TOKEN = 'correct-horse-battery-staple'

/** The page as it is before it is bundled: enough for what is sent. */
export const PAGE = fileURLToPath(new URL('../../src/page/', import.meta.url))

/** What only one who may look in is answered: that there is no such device. */
export const INSIDE = '/api/devices/nobody/feed'

/** A bridge in which there is nothing. */
export const nothing: Views = {
  configuration: { bridge: { id: 'gw-test' }, devices: new Map(), models: new Map() },
  version: '0',
  fleet: {
    size: 0,
    unknown: { total: 0, latest: () => [] } as unknown as Views['fleet']['unknown'],
    sessions: () => [].values(),
    session: () => undefined,
  },
  sources: [],
  publisher: {
    counters: () => {
      throw new Error('nobody asks')
    },
  },
  broker: { input: nobody(), output: nobody() },
  requests: {
    longest: 4096,
    ask: () => {
      throw new Error('nobody asks')
    },
    knows: () => false,
    document: () => ({}),
    tally: () => (function* () {})(),
  },
}

/** Where nobody has come who was not let in. */
export const noRefusals = () => new Refusals(heardLog())

function nobody(): LinkView {
  const state = { kind: 'stopped' } as const
  return { state, counters: () => ({ connections: 0, sessionsLost: 0, unrouted: 0 }) }
}

/** A window that listens until the test ends. */
export async function openedWindow(
  config: Partial<HttpConfig> = {},
  views: Views = nothing,
  pageDirectory = PAGE,
) {
  const log = heardLog()
  const local = { host: '127.0.0.1', port: 0, names: ['gw-test'], metrics: { devices: 1000 } }
  const whole = { ...local, ...config }
  const window = new Window({ devices: 1, pageDirectory, config: whole, clock: systemClock, log })
  await window.open(views)
  onTestFinished(() => window.close())
  const base = window.address
  if (base === undefined) throw new Error(`it does not listen: ${window.healthCheck(0).message}`)
  const ask = (path: string, headers: OutgoingHttpHeaders = {}, body?: string) =>
    answerTo(base, path, headers, body)
  return { window, base, ask, log }
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly text: string
}

/** Asks as no browser would: with any header, `Host` included. With a body it is a POST. */
export function answerTo(
  base: string,
  path: string,
  headers: OutgoingHttpHeaders = {},
  body?: string,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const method = body === undefined ? 'GET' : 'POST'
    const asked = request(`${base}${path}`, { method, headers, agent: false }, (answer) => {
      let text = ''
      answer.setEncoding('utf8')
      answer.on('data', (chunk: string) => {
        text += chunk
      })
      answer.once('end', () =>
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }),
      )
      answer.once('error', reject)
    })
    asked.once('error', reject)
    asked.end(body)
  })
}
