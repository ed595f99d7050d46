import type { DeviceMessages, FleetMessages } from '../../http/feed/messages.js'
import { actingNow } from '../act/ask.js'
import type { DeviceStore } from './device-store.js'
import type { FleetStore, Link } from './fleet-store.js'

const RETRY_MS = 3000

interface Target<Messages> {
  take<Name extends keyof Messages>(name: Name, data: Messages[Name]): void
}

interface Feed<Messages> {
  readonly url: string
  readonly names: readonly (keyof Messages & string)[]
  readonly target: Target<Messages>
  onLink(link: Link): void
}

/** Follows the fleet's feed for ever; the result ends that. */
export const followFleet = (store: FleetStore): (() => void) =>
  follow<FleetMessages>({
    url: '/api/feed',
    names: ['bridge', 'rows', 'removed', 'ready', 'events', 'system'],
    target: store,
    onLink: (link) => {
      if (link !== 'live') {
        store.setLink(link)
        return
      }
      store.begin()
      void learnActing(store)
    },
  })

/** Whoever was logged in may not be any more, and the bridge may have another configuration. */
async function learnActing(store: FleetStore): Promise<void> {
  const acting = await actingNow()
  if (acting !== undefined) store.setActing(acting)
}

/** Follows one device's feed until the result is called. */
export const followDevice = (id: string, store: DeviceStore): (() => void) =>
  follow<DeviceMessages>({
    url: `/api/devices/${encodeURIComponent(id)}/feed`,
    names: ['device', 'points', 'frames', 'events'],
    target: store,
    onLink: () => {},
  })

function follow<Messages>({ url, names, target, onLink }: Feed<Messages>): () => void {
  let source: EventSource | undefined
  let timer = 0
  let isOver = false
  const open = () => {
    const opened = new EventSource(url)
    source = opened
    opened.onopen = () => onLink('live')
    for (const name of names) {
      opened.addEventListener(name, ({ data }: MessageEvent<string>) =>
        target.take(name, JSON.parse(data)),
      )
    }
    opened.onerror = () => {
      onLink('lost')
      // It tries again by itself, but where it was answered by a refusal.
      if (opened.readyState === EventSource.CLOSED && !isOver)
        timer = window.setTimeout(() => void again(), RETRY_MS)
    }
  }
  const again = async () => {
    if ((await answerOfBridge()) === 401) window.location.assign('/login')
    else if (!isOver) open()
  }
  open()
  return () => {
    isOver = true
    window.clearTimeout(timer)
    source?.close()
  }
}

/** The status of an answer to the page itself; undefined where there is none. */
async function answerOfBridge(): Promise<number | undefined> {
  try {
    return (await fetch('/', { method: 'HEAD' })).status
  } catch {
    // The bridge is away: it is asked again later.
    return undefined
  }
}
