import type { Access } from '../access.js'
import type { DeviceFeed } from '../feed/device-feed.js'
import type { FleetFeed } from '../feed/fleet-feed.js'
import type { Route } from '../route.js'
import type { Views } from '../views.js'
import { feedRoutes } from './feeds.js'
import { loginRoutes } from './login.js'

/** What the routes answer from. */
export interface RouteParts {
  readonly views: Views
  readonly access: Access
  readonly fleet: FleetFeed
  readonly device: DeviceFeed
}

/** Everything that the window answers. */
export const allRoutes = ({ access, fleet, device }: RouteParts): readonly Route[] => [
  ...loginRoutes(access),
  ...feedRoutes(fleet, device),
]
