import type { Access } from '../access.js'
import type { DeviceFeed } from '../feed/device-feed.js'
import type { FleetFeed } from '../feed/fleet-feed.js'
import type { Metrics } from '../metrics/metrics.js'
import type { Probes } from '../probes.js'
import type { Route } from '../route.js'
import type { Views } from '../views.js'
import { feedRoutes } from './feeds.js'
import { loginRoutes } from './login.js'
import { metricsRoutes } from './metrics.js'
import { probeRoutes } from './probes.js'

/** What the routes answer from. */
export interface RouteParts {
  readonly views: Views
  readonly access: Access
  readonly fleet: FleetFeed
  readonly device: DeviceFeed
  readonly metrics: Metrics
  readonly probes: Probes
}

/** Everything that the window answers. */
export const allRoutes = (parts: RouteParts): readonly Route[] => {
  const { access, fleet, device, metrics, probes } = parts
  return [
    ...loginRoutes(access),
    ...feedRoutes(fleet, device),
    ...metricsRoutes(metrics),
    ...probeRoutes(probes, access),
  ]
}
