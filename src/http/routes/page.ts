import type { Asset } from '../assets.js'
import { get, type Route, type Visit } from '../route.js'

/** The dashboard: its one page for readers, and the parts of that, which are no secret. */
export const pageRoutes = (assets: ReadonlyMap<string, Asset>): readonly Route[] => [
  get('/', 'reader', (visit) => answerWith(visit, assets.get('index.html'))),
  get('/assets/:name', 'anyone', (visit) =>
    answerWith(visit, assets.get(visit.req.param('name') ?? '')),
  ),
]

function answerWith(visit: Visit, asset: Asset | undefined): Response {
  if (!asset) return visit.text('there is nothing here\n', 404)
  const { type, bytes, zipped, etag } = asset
  visit.header('ETag', etag)
  // Kept, and asked for each time whether it is still the same.
  visit.header('Cache-Control', 'no-cache')
  visit.header('Vary', 'Accept-Encoding')
  if (visit.req.header('if-none-match') === etag) return visit.body(null, 304)
  visit.header('Content-Type', type)
  if (!/\bgzip\b/.test(visit.req.header('accept-encoding') ?? '')) return visit.body(bodyOf(bytes))
  visit.header('Content-Encoding', 'gzip')
  return visit.body(bodyOf(zipped))
}

/** Of a buffer that nobody changes. */
const bodyOf = (bytes: Buffer): Uint8Array<ArrayBuffer> => new Uint8Array(bytes)
