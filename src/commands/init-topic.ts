import { type Clock, setRepeating } from '../clock.js'
import type { PayloadConfig } from '../config/index.js'
import { FrameTrail, type Sighting, surveyDevice } from '../survey/index.js'
import {
  type BrokerDoor,
  type ConnectionEnd,
  type IncomingMessage,
  payloadExtraction,
  type TopicTemplate,
} from '../transport/index.js'

export interface TopicListening {
  readonly door: BrokerDoor
  readonly template: TopicTemplate
  readonly clock: Clock
  readonly listenMs: number
  readonly signal: AbortSignal
  readonly onProgress: (text: string) => void
}

export type TopicCatch =
  | {
      readonly kind: 'match'
      readonly payload: PayloadConfig
      /** Frames by the level of the topic that names the device; one, named '', where none does. */
      readonly devices: ReadonlyMap<string, readonly Sighting[]>
      /** Messages, and those of them that held a frame. */
      readonly messages: number
      readonly frames: number
    }
  | { readonly kind: 'nothing'; readonly messages: number; readonly retained: number }
  | { readonly kind: 'closed'; readonly end: ConnectionEnd }

interface Message {
  readonly device: string
  readonly payload: Uint8Array
  readonly mono: number
}

const TICK_MS = 1000
const MOST_MESSAGES = 50_000

/** Listens to a topic for a while, and looks where in its messages frames are. Retained ones do not count. */
export async function listenToTopic(listening: TopicListening): Promise<TopicCatch> {
  const messages: Message[] = []
  let retained = 0
  const end = await collect(listening, (message) => {
    if (message.retain) retained++
    else if (messages.length < MOST_MESSAGES) {
      const device = listening.template.deviceIn(message.topic) ?? ''
      const payload = Uint8Array.from(message.payload)
      messages.push({ device, payload, mono: listening.clock.mono() })
    }
    return messages
  })
  if (end) return { kind: 'closed', end }
  const best = bestPayload(messages)
  if (!best) return { kind: 'nothing', messages: messages.length, retained }
  const devices = framesBy(best, messages)
  const frames = [...devices.values()].reduce((sum, list) => sum + list.length, 0)
  return { kind: 'match', payload: best, devices, messages: messages.length, frames }
}

/** Resolves when it has heard enough; with the reason, where the broker does not let it. */
function collect(
  { door, template, clock, listenMs, signal, onProgress }: TopicListening,
  take: (message: IncomingMessage) => readonly Message[],
): Promise<ConnectionEnd | undefined> {
  return new Promise((resolve) => {
    let heard: readonly Message[] = []
    let settledAt = 0
    let end: ConnectionEnd | undefined
    const leave = () => connection.close()
    const cancel = clock.setTimer(listenMs, leave)
    const stopTicks = setRepeating(clock, TICK_MS, () => {
      if (heard.length < Math.max(64, 1.5 * settledAt)) return
      settledAt = heard.length
      if (isSettled(heard)) leave()
    })
    signal.addEventListener('abort', leave)
    const connection = door.open({
      onConnected: () =>
        connection.subscribe(template.filter, 0, (outcome) => {
          if (outcome.ok) onProgress(`listens to ${template.filter}`)
          else {
            end = {
              code: 'refused',
              reason: `the broker refuses ${template.filter}: ${outcome.reason}`,
            }
            leave()
          }
        }),
      onMessage: (message) => {
        heard = take(message)
      },
      onClosed: (reason) => {
        cancel()
        stopTicks()
        signal.removeEventListener('abort', leave)
        resolve(end ?? (reason.code === 'stopped' ? undefined : reason))
      },
    })
    if (signal.aborted) leave()
  })
}

function isSettled(messages: readonly Message[]): boolean {
  const payload = bestPayload(messages)
  if (!payload) return false
  return [...framesBy(payload, messages).values()].every((frames) => {
    const survey = surveyDevice(frames)
    return (
      survey?.keyframeInterval?.confidence !== 'unknown' &&
      survey?.channels.every(({ resolution }) => resolution.confidence === 'certain')
    )
  })
}

/** The place in the messages where most of them hold a frame. */
function bestPayload(messages: readonly Message[]): PayloadConfig | undefined {
  let best: { readonly payload: PayloadConfig; readonly worth: number } | undefined
  for (const payload of payloadsOf(messages)) {
    const frames = [...framesBy(payload, messages).values()].flatMap((list) => {
      const trail = new FrameTrail()
      for (const { bytes } of list) trail.take(bytes)
      return [trail]
    })
    const worth = frames.reduce((sum, trail) => sum + trail.parsed + trail.followed, 0)
    // One frame alone may be chance.
    if (worth > Math.max(1, best?.worth ?? 0)) best = { payload, worth }
  }
  return best?.payload
}

function framesBy(
  payload: PayloadConfig,
  messages: readonly Message[],
): Map<string, readonly Sighting[]> {
  const extract = payloadExtraction(payload)
  const devices = new Map<string, Sighting[]>()
  for (const message of messages) {
    const extraction = extract(message.payload)
    if (!extraction.ok) continue
    const frames = devices.get(message.device) ?? []
    devices.set(message.device, frames)
    frames.push({ bytes: extraction.bytes, mono: message.mono, integrity: 'mqtt' })
  }
  return devices
}

const SAMPLES = 20

/** Everything that a message may hold a frame as. */
function payloadsOf(messages: readonly Message[]): PayloadConfig[] {
  const paths = new Set<string>()
  for (const { payload } of messages.slice(0, SAMPLES)) {
    for (const path of textPaths(payload)) paths.add(path)
  }
  return [
    { encoding: 'binary' },
    { encoding: 'hex' },
    { encoding: 'base64' },
    ...[...paths].flatMap((json): PayloadConfig[] => [
      { json, encoding: 'base64' },
      { json, encoding: 'hex' },
    ]),
  ]
}

const DEEPEST = 6

/** The paths of all texts in a JSON document. */
function textPaths(payload: Uint8Array): string[] {
  try {
    return pathsIn(JSON.parse(new TextDecoder().decode(payload)), [])
  } catch {
    // It is none.
    return []
  }
}

function pathsIn(value: unknown, path: readonly string[]): string[] {
  if (typeof value === 'string') return path.length > 0 ? [path.join('.')] : []
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return []
  if (path.length >= DEEPEST) return []
  return Object.entries(value)
    .filter(([key]) => key !== '' && !key.includes('.'))
    .flatMap(([key, inner]) => pathsIn(inner, [...path, key]))
}
