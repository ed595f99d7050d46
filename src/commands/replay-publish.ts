import type { CapturedFrame } from '../capture/index.js'
import type { Clock } from '../clock.js'
import type { Configuration } from '../config/index.js'
import type { BrokerProbe } from './broker-probe.js'
import { pause } from './ending.js'
import { ReplayPace } from './replay-pace.js'
import { type Uplink, uplinkOf } from './uplink.js'

/** So many frames may wait for the broker's word that it has them. */
const MOST_UNCONFIRMED = 200

export interface Published {
  /** Frames that the broker has. */
  readonly confirmed: number
  readonly devices: number
  /** Frames of devices that no topic leads to. */
  readonly homeless: ReadonlyMap<string, number>
  /** Why it ended before the end. */
  readonly trouble?: string
}

/** Publishes frames on the topics that the configuration takes them from, at their pace. */
export async function publishFrames(
  frames: AsyncIterable<CapturedFrame>,
  probe: BrokerProbe,
  configuration: Configuration,
  speed: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<Published> {
  const pace = new ReplayPace(speed, configuration.limits)
  const uplinks = new Map<string, Uplink | undefined>()
  const homeless = new Map<string, number>()
  const unconfirmed = new Set<Promise<void>>()
  const startedAt = clock.mono()
  let confirmed = 0
  let trouble: string | undefined
  for await (const frame of frames) {
    const { device } = frame
    if (!uplinks.has(device)) uplinks.set(device, uplinkOf(device, configuration))
    const uplink = uplinks.get(device)
    if (!uplink) {
      homeless.set(device, (homeless.get(device) ?? 0) + 1)
      continue
    }
    const wait = startedAt + pace.dueOf(frame) - clock.mono()
    if (wait > 0) await pause(wait, clock, signal)
    while (unconfirmed.size >= MOST_UNCONFIRMED) await Promise.race(unconfirmed)
    if (signal.aborted || trouble !== undefined) break
    const sent: Promise<void> = probe.publish(uplink(frame.bytes)).then((answer) => {
      unconfirmed.delete(sent)
      if (answer.ok) confirmed++
      else trouble ??= answer.reason
    })
    unconfirmed.add(sent)
  }
  await Promise.all(unconfirmed)
  const devices = [...uplinks.values()].filter((uplink) => uplink !== undefined).length
  return { confirmed, devices, homeless, ...(trouble !== undefined && { trouble }) }
}
