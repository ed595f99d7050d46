import { useEffect, useState } from 'preact/hooks'

interface Store {
  readonly version: number
  subscribe(listener: () => void): () => void
}

/** Renders again whenever the store has changed; the result is its version. */
export function useStore(store: Store): number {
  const [version, setVersion] = useState(store.version)
  useEffect(() => {
    setVersion(store.version)
    return store.subscribe(() => setVersion(store.version))
  }, [store])
  return version
}

/** Renders again every second, for what grows old. */
export function useSeconds(): void {
  const [, setTick] = useState(0)
  useEffect(() => {
    const timer = window.setInterval(() => setTick((tick) => tick + 1), 1000)
    return () => window.clearInterval(timer)
  }, [])
}

/** Whether the window is as a media query says, now and later. */
export function useMedia(query: string): boolean {
  const [matches, setMatches] = useState(() => window.matchMedia(query).matches)
  useEffect(() => {
    const list = window.matchMedia(query)
    const look = () => setMatches(list.matches)
    look()
    list.addEventListener('change', look)
    return () => list.removeEventListener('change', look)
  }, [query])
  return matches
}
