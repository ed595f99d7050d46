/** What the page shows; its address stands after the `#`. */
export type Place =
  | { readonly view: 'fleet' }
  | { readonly view: 'system' }
  | { readonly view: 'device'; readonly id: string }

export function placeOf(hash: string): Place {
  const [view, id] = hash.replace(/^#\/?/, '').split('/')
  if (view === 'system') return { view }
  if (view === 'device' && id) return { view, id: decoded(id) }
  return { view: 'fleet' }
}

export const deviceHref = (id: string): string => `#/device/${encodeURIComponent(id)}`

/** A broken escape is taken as it is. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
