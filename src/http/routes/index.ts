import type { Access } from '../access.js'
import type { Route } from '../route.js'
import type { Views } from '../views.js'
import { bridgeRoute } from './bridge.js'
import { loginRoutes } from './login.js'

/** Everything that the window answers. */
export const allRoutes = (views: Views, access: Access): readonly Route[] => [
  ...loginRoutes(access),
  bridgeRoute(views, access),
]
