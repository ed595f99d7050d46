import type { Metrics } from '../metrics/metrics.js'
import { get, type Route } from '../route.js'

/** Everything that is counted, as Prometheus reads it. */
export const metricsRoutes = (metrics: Metrics): readonly Route[] => [
  get('/metrics', 'scraper', async (visit) =>
    visit.body(await metrics.text(), 200, { 'Content-Type': metrics.contentType }),
  ),
]
