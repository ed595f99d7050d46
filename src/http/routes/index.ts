import type { Access } from '../access.js'
import type { Asset } from '../assets.js'
import type { DeviceFeed } from '../feed/device-feed.js'
import type { FleetFeed } from '../feed/fleet-feed.js'
import type { Metrics } from '../metrics/metrics.js'
import type { Probes } from '../probes.js'
import type { Refusals } from '../refusals.js'
import type { Route } from '../route.js'
import type { Views } from '../views.js'
import { feedRoutes } from './feeds.js'
import { loginRoutes } from './login.js'
import { metricsRoutes } from './metrics.js'
import { pageRoutes } from './page.js'
import { probeRoutes } from './probes.js'
import { requestRoutes } from './requests.js'

/** What the routes answer from. */
export interface RouteParts {
  readonly views: Views
  readonly access: Access
  readonly refusals: Refusals
  readonly fleet: FleetFeed
  readonly device: DeviceFeed
  readonly metrics: Metrics
  readonly probes: Probes
  /** The bundled page, by file name. */
  readonly assets: ReadonlyMap<string, Asset>
}

/** Everything that the window answers. */
export const allRoutes = (parts: RouteParts): readonly Route[] => {
  const { views, access, refusals, assets, fleet, device, metrics, probes } = parts
  return [
    ...loginRoutes(access),
    ...pageRoutes(assets),
    ...feedRoutes(fleet, device),
    ...metricsRoutes(metrics),
    ...probeRoutes(probes, access),
    ...requestRoutes(views.requests, access, refusals, fleet),
  ]
}
