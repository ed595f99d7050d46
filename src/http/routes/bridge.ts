import type { Access } from '../access.js'
import { get, type Route } from '../route.js'
import type { Views } from '../views.js'

/** Which bridge this is. */
export const bridgeRoute = (views: Views, access: Access): Route =>
  get('/api/bridge', 'reader', (visit) =>
    visit.json({
      id: views.configuration.bridge.id,
      version: views.version,
      devices: views.fleet.size,
      guarded: access.isGuarded,
    }),
  )
