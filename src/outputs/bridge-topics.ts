import { topic } from '../names.js'

/** The bridge's own topics, built once. */
export interface BridgeTopics {
  readonly state: string
  readonly status: string
  readonly info: string
  readonly devices: string
  readonly snapshot: string
  request(verb: string): string
  response(verb: string): string
}

/**
 * Throws a RangeError where the base topic is not valid, as `request` and `response` do on a verb. `among`: the bridge's
 * id, where several share the base topic.
 */
export function bridgeTopics(base: string, among?: string): BridgeTopics {
  const level = among === undefined ? ['bridge'] : ['bridge', among]
  const own = (...parts: string[]) => topic(base, ...level, ...parts)
  return Object.freeze({
    state: own('state'),
    status: own('status'),
    info: own('info'),
    devices: own('devices'),
    snapshot: own('snapshot'),
    request: (verb: string) => own('request', ...verb.split('/')),
    response: (verb: string) => own('response', ...verb.split('/')),
  })
}
