import { useEffect, useState } from 'preact/hooks'
import type { Changes } from '../store/changes.js'

interface Store {
  readonly changes: Changes
}

/** Renders again whenever the store has changed; the result is its version. */
export function useStore({ changes }: Store): number {
  const [version, setVersion] = useState(changes.version)
  useEffect(() => {
    setVersion(changes.version)
    return changes.subscribe(() => setVersion(changes.version))
  }, [changes])
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
