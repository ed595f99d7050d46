import type { ConnectionEnd } from './broker-port.js'
import { tlsTrouble } from './tls-trouble.js'

/** CONNACK codes of MQTT 3.1.1 and 5, and what they mean. */
const REFUSALS = new Map([
  [1, 'it does not speak this version of MQTT'],
  [2, 'it does not accept our client id'],
  [3, 'it is not ready yet'],
  [4, 'user name or password are wrong'],
  [5, 'this user may not connect'],
  [132, 'it does not speak MQTT 5'],
  [133, 'it does not accept our client id'],
  [134, 'user name or password are wrong'],
  [135, 'this user may not connect'],
  [136, 'it is not ready yet'],
  [137, 'it has too much to do'],
  [138, 'we are banned there'],
  [151, 'a quota is exceeded'],
  [156, 'it wants us to use another server for now'],
  [157, 'it wants us to use another server'],
  [159, 'we connect too often'],
])

/** Another client has connected with our id. */
const TAKEN_OVER = 142

/** Reasons of a DISCONNECT by a broker that speaks MQTT 5, and what they mean. */
const FAREWELLS = new Map([
  [129, 'it could not read a packet of ours'],
  [130, 'we have broken the protocol'],
  [131, 'it cannot go on with us'],
  [135, 'this user may not do that'],
  [137, 'it has too much to do'],
  [139, 'it is shutting down'],
  [141, 'it has heard nothing of us for too long'],
  [TAKEN_OVER, 'another client has connected with our id'],
  [144, 'it does not take a topic of ours'],
  [147, 'we have sent too much at once'],
  [149, 'a packet of ours is too large for it'],
  [150, 'we send too often'],
  [151, 'a quota is exceeded'],
  [152, 'somebody has ended it there'],
  [153, 'it does not take a payload of ours'],
  [156, 'it wants us to use another server for now'],
  [157, 'it wants us to use another server'],
  [160, 'we were connected for as long as we may be'],
])

const ADVICE = new Map([
  ['ECONNREFUSED', 'no broker listens there: is it on, host and port right?'],
  ['ECONNRESET', 'the connection was dropped'],
  ['EHOSTUNREACH', 'it cannot be reached: is it on this network?'],
  ['ENETUNREACH', 'it cannot be reached: is this machine on the network?'],
  ['ENOTFOUND', 'there is no such host name'],
  ['EAI_AGAIN', 'the host name cannot be looked up now'],
  ['ETIMEDOUT', 'it does not answer'],
])

/** Why a connection to the broker at `url` failed, for people and for programs; shows no secret. */
export function brokerTrouble(error: unknown, url: string): ConnectionEnd {
  const where = withoutSecrets(url)
  const refusal = reasonCode(error)
  if (refusal !== undefined) {
    const why = REFUSALS.get(refusal) ?? `code ${refusal}`
    return { code: `connack-${refusal}`, reason: `${where} refuses us: ${why}` }
  }
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  const message = error instanceof Error ? error.message : String(error)
  const tls = typeof code === 'string' ? tlsTrouble(code, message) : undefined
  if (tls) {
    // What the name, the key or the authority was instead.
    const detail = tls.code === 'tls-wrong-pin' || tls.code === 'tls-wrong-host' ? message : code
    return { code: tls.code, reason: `${where}: ${tls.why} (${detail})` }
  }
  if (typeof code === 'string') return { code, reason: `${where}: ${ADVICE.get(code) ?? message}` }
  const kind = /timeout/i.test(message) ? 'timeout' : 'protocol-error'
  return { code: kind, reason: `${where}: ${message}` }
}

/** What a broker said before it closed the connection; undefined where that was nothing. */
export function brokerFarewell(code: number | undefined, url: string): ConnectionEnd | undefined {
  if (code === undefined || code === 0) return undefined
  const reason = `${withoutSecrets(url)} ends the connection: ${FAREWELLS.get(code) ?? `code ${code}`}`
  return { code: code === TAKEN_OVER ? 'taken-over' : `disconnect-${code}`, reason }
}

/** The number that a broker answered with, where the error is its answer. */
export function reasonCode(error: unknown): number | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'number' ? code : undefined
}

/** A URL as it may be shown: without user and password. */
export function withoutSecrets(url: string): string {
  return url.replace(/\/\/.*@/, '//')
}
