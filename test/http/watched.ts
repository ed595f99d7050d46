import { EventEmitter } from 'node:events'
import type { ServerResponse } from 'node:http'
import { compileProfile, type DeviceSession, type ReadingsVerdict } from '../../src/device/index.js'
import { FleetFeed } from '../../src/http/feed/fleet-feed.js'
import { Watch } from '../../src/http/feed/watch.js'
import type { Views } from '../../src/http/index.js'
import { defaultSpec } from '../support/default-spec.js'
import { ManualClock } from '../support/manual-clock.js'

const profileOf = (...names: string[]) =>
  compileProfile({
    ...defaultSpec,
    channels: names.map((name) => ({ name })),
  })

type Facts = Partial<Pick<ReadingsVerdict, 'seq' | 'channels' | 'events' | 'quality'>> & {
  readonly wall?: number
  readonly bytes?: Uint8Array
}

export const readingsVerdict = (device: string, facts: Facts = {}): ReadingsVerdict => {
  const { wall = 0, bytes = Uint8Array.of(0xa1, 0), ...rest } = facts
  return {
    kind: 'readings',
    device,
    frame: { device, bytes, mono: 0, wall, integrity: 'mqtt', source: 'mqtt:x' },
    family: 'compact',
    epoch: 1,
    seq: 0,
    quality: 'good',
    priority: 0,
    deviceTime: -1,
    channels: [{ name: 'a', value: 21.4, bound: 0, quality: 'good' }],
    wantsKeyframe: false,
    events: [],
    ...rest,
  }
}

/** A device whose status is what the test says. */
export function scriptedSession(id: string, names: readonly string[] = ['a', 'b']) {
  const status = {
    device: id,
    health: 'healthy',
    circuit: 'closed',
    sync: 'exact',
    online: true,
    since: 0,
    lastSeen: 5,
    ttlMs: 60_000,
    cause: null,
    message: '',
    frames: { received: 1, decoded: 1, lost: 0, duplicate: 0, late: 0, rejected: 0, skipped: 0 },
    readings: { good: 1, uncertain: 0, bad: 0 },
    resync: { requested: 0, completed: 0 },
    bytes: { in: 9 },
  }
  const profile = profileOf(...names)
  const session = { id, profile, source: 'tcp://user:secret@host:1', held: 0, ttlMs: 60_000 }
  return {
    ...session,
    script: status,
    status: () => ({ ...status }),
  } as unknown as DeviceSession & {
    readonly script: { health: string; circuit: string; message: string }
  }
}

/** A response that takes what is written, or holds it all back. */
export class ScriptedResponse extends EventEmitter {
  text = ''
  head: Readonly<Record<string, string>> = {}
  destroyed = false
  isStuck = false
  writableLength = 0

  writeHead(_status: number, head: Readonly<Record<string, string>>): void {
    this.head = head
  }

  write(text: string): void {
    this.text += text
    if (this.isStuck) this.writableLength += text.length
  }

  end(): void {
    this.destroy()
  }

  destroy(): void {
    if (this.destroyed) return
    this.destroyed = true
    this.emit('close')
  }

  get asResponse(): ServerResponse {
    return this as unknown as ServerResponse
  }

  /** What was sent since this was asked last, by the name of the event. */
  take(): [name: string, data: unknown][] {
    const found = Array.from(this.text.matchAll(/^event: (\w+)\ndata: (.*)\n\n/gm), (m) => m)
    this.text = ''
    return found.map(([, name = '', data = '']) => [name, JSON.parse(data)])
  }

  /** The ids of all rows that were sent since then. */
  takeRows(): string[] {
    return this.take().flatMap(([name, data]) =>
      name === 'rows' ? (data as { id: string }[]).map(({ id }) => id) : [],
    )
  }
}

/** A feed of so many devices, and what it looks at. */
export function watchedFleet(size: number) {
  const sessions = new Map<string, ReturnType<typeof scriptedSession>>(
    Array.from({ length: size }, (_, i) => [`d-${i}`, scriptedSession(`d-${i}`)] as const),
  )
  const counters = {
    submitted: 0,
    published: 0,
    acknowledged: 7,
    superseded: 0,
    dropped: { full: 2 },
  }
  const views = {
    configuration: { bridge: { id: 'gw-test' }, devices: new Map(), models: new Map() },
    version: '0',
    fleet: {
      get size() {
        return sessions.size
      },
      unknown: { total: 3, latest: () => ['stranger'] },
      sessions: () => sessions.values(),
      session: (id: string) => sessions.get(id),
    },
    sources: [],
    publisher: { counters: () => ({ ...counters, queuedMessages: 0, queuedBytes: 0 }) },
  } as unknown as Views
  const clock = new ManualClock()
  const watch = new Watch(size)
  const feed = new FleetFeed(views, watch, clock, false)
  const session = (id: string) => {
    const found = sessions.get(id)
    if (!found) throw new Error(`no ${id}`)
    return found
  }
  const join = () => {
    const response = new ScriptedResponse()
    feed.join(response.asResponse)
    return response
  }
  return { sessions, session, views, clock, watch, feed, join }
}
