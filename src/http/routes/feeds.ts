import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import type { DeviceFeed } from '../feed/device-feed.js'
import type { FleetFeed } from '../feed/fleet-feed.js'
import { get, type Route, type Visit } from '../route.js'

/** Readers of both feeds together: each is worded for, and each holds a connection. */
const MOST_READERS = 40

/** The two feeds, as server-sent events. */
export function feedRoutes(fleet: FleetFeed, device: DeviceFeed): readonly Route[] {
  const refusal = (visit: Visit): Response | undefined => {
    // A HEAD would be answered by a stream that nobody reads.
    if (visit.req.method !== 'GET') return visit.text('only GET\n', 405)
    if (fleet.readers + device.readers < MOST_READERS) return undefined
    visit.header('Retry-After', '10')
    return visit.text('too many look at this bridge already\n', 503)
  }
  return [
    get('/api/feed', 'reader', (visit) => {
      const refused = refusal(visit)
      if (refused) return refused
      fleet.join(visit.env.outgoing)
      return RESPONSE_ALREADY_SENT
    }),
    get('/api/devices/:id/feed', 'reader', (visit) => {
      const refused = refusal(visit)
      if (refused) return refused
      const joined = device.join(visit.req.param('id') ?? '', visit.env.outgoing)
      return joined ? RESPONSE_ALREADY_SENT : visit.text('there is no such device\n', 404)
    }),
  ]
}
