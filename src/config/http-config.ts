import type { HttpConfig } from './configuration.js'
import type { HttpInput } from './schema/http.js'
import type { Secrets } from './secrets.js'

/** The window as the http room takes it; `hostName` is one of the names by which browsers may reach it. */
export function httpConfig(
  { host, port, hosts = [], metrics }: HttpInput,
  { http: { cert, key, token, adminToken, metricsToken } = {} }: Secrets,
  hostName: string,
): HttpConfig {
  const [short = ''] = hostName.split('.')
  return {
    host,
    port,
    ...(cert !== undefined && key !== undefined && { tls: { cert, key } }),
    ...(token !== undefined && { token }),
    ...(adminToken !== undefined && { adminToken }),
    metrics: {
      devices: metrics.devices,
      ...(metricsToken !== undefined && { token: metricsToken }),
    },
    names: [...new Set([hostName, short, `${short}.local`, ...hosts].map((n) => n.toLowerCase()))],
  }
}
