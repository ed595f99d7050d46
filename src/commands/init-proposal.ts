import type { PayloadConfig } from '../config/index.js'
import type { LineFormat } from '../framing/index.js'
import { isChannelName, isDeviceId } from '../names.js'
import { type ChannelSurvey, type DeviceSurvey, type Finding, found } from '../survey/index.js'

type Scalar = string | number | boolean

/** One key of the proposal, in the order in which it is printed. */
export interface Entry {
  readonly key: string
  /** A scalar, a map, or a list of maps. */
  readonly value: Scalar | readonly Entry[] | { readonly items: readonly (readonly Entry[])[] }
  readonly finding?: Pick<Finding<unknown>, 'confidence' | 'evidence'>
  /** False: only suggested, and left out of what is in force. */
  readonly declared?: boolean
}

/** A device that was heard. */
export interface HeardDevice {
  readonly id: string
  /** How it is known on its way: an address byte, a level of a topic, or not at all. */
  readonly known: string | undefined
  readonly survey: DeviceSurvey
}

export interface HeardLine {
  readonly kind: 'line'
  readonly path: string
  /** Why it may be another one, where nobody named it. */
  readonly pathFinding?: Entry['finding']
  /** Undefined where the rate is set elsewhere, as behind TCP. */
  readonly baudRate: Finding<number> | undefined
  readonly parity: 'none' | 'even' | 'odd' | 'mark' | 'space'
  readonly format: LineFormat
  readonly formatEvidence: string
}

export interface HeardTopic {
  readonly kind: 'topic'
  readonly urls: readonly string[]
  readonly username: string | undefined
  readonly passwordFile: string | undefined
  readonly caFile: string | undefined
  readonly topic: string
  readonly payload: PayloadConfig
  readonly payloadEvidence: string
}

/** A whole configuration for what was heard. */
export function proposalOf(
  source: HeardLine | HeardTopic,
  devices: readonly HeardDevice[],
): readonly Entry[] {
  const models = modelsOf(devices)
  return [
    { key: 'version', value: 1 },
    ...(source.kind === 'topic' ? [{ key: 'broker', value: brokerEntries(source) }] : []),
    { key: 'models', value: models.entries },
    {
      key: 'sources',
      value: {
        items: [
          source.kind === 'line' ? serialEntries(source, devices) : mqttEntries(source, devices),
        ],
      },
    },
    {
      key: 'devices',
      value: devices.map(({ id }) => ({
        key: id,
        value: [{ key: 'model', value: models.nameOf.get(id) ?? id }],
      })),
    },
  ]
}

/** The document that a configuration is checked as. */
export function documentOf(entries: readonly Entry[]): Record<string, unknown> {
  const declared = entries.filter((entry) => entry.declared !== false)
  return Object.fromEntries(declared.map(({ key, value }) => [key, plain(value)]))
}

function plain(value: Entry['value']): unknown {
  if (typeof value !== 'object') return value
  return 'items' in value ? value.items.map(documentOf) : documentOf(value)
}

const entry = (key: string, value: Scalar, finding?: Entry['finding'], declared = true): Entry => ({
  key,
  value,
  declared,
  ...(finding && { finding }),
})

/** One model for all devices that it fits, named after the first. */
function modelsOf(devices: readonly HeardDevice[]) {
  const nameOf = new Map<string, string>()
  const byContent = new Map<string, string>()
  const entries: Entry[] = []
  for (const { id, survey } of devices) {
    const model = modelEntries(survey)
    const content = JSON.stringify(documentOf(model))
    const known = byContent.get(content)
    nameOf.set(id, known ?? id)
    if (known !== undefined) continue
    byContent.set(content, id)
    entries.push({ key: id, value: model })
  }
  return { nameOf, entries }
}

function modelEntries(survey: DeviceSurvey): readonly Entry[] {
  const { shape, profile, scale, intervalMs, keyframeInterval, multi, suppresses } = survey
  const { value: built, ...evidence } = shape
  const entries: Entry[] = [entry('frames', built.family, evidence)]
  if (built.family === 'standard') entries.push(entry('checksum', built.checksum, evidence))
  entries.push(entry('profile', profile.value, profile), entry('scale', scale.value, scale))
  entries.push(
    entry(
      'interval',
      duration(intervalMs.value ?? 60_000),
      intervalMs,
      intervalMs.value !== undefined,
    ),
  )
  if (keyframeInterval) {
    const { value } = keyframeInterval
    entries.push(entry('keyframe_interval', value ?? 50, keyframeInterval, value !== undefined))
  }
  if (multi && multi.confidence !== 'unknown') entries.push(entry('multi', multi.value, multi))
  if (suppresses) entries.push(entry('suppresses', suppresses.value, suppresses))
  return [...entries, channelsEntry(survey)]
}

function channelsEntry({ shape, channels, hiddenChannels }: DeviceSurvey): Entry {
  const names = new Set<string>()
  const items = channels.map((channel) => {
    const name = uniqueName(channel.name.value, names)
    names.add(name.toLowerCase())
    return channelEntries(name, channel)
  })
  const hidden =
    hiddenChannels > 0
      ? found(
          0,
          'unknown',
          `${hiddenChannels} more are observed and came in no frame: add them, or listen for longer`,
        )
      : undefined
  const finding = hidden ?? (shape.value.family === 'compact' ? shape : undefined)
  return { key: 'channels', value: { items }, ...(finding && { finding }) }
}

function channelEntries(name: string, channel: ChannelSurvey): Entry[] {
  const { source, resolution, range, maxStep } = channel
  const entries = [entry('name', name, channel.name)]
  if (source !== undefined) entries.push(entry('source', source))
  entries.push(
    entry(
      'resolution',
      Number(resolution.value ?? '0.1'),
      resolution,
      resolution.value !== undefined,
    ),
  )
  const known = range.value !== undefined
  const { min, max } = range.value ?? { min: -40, max: 85 }
  const same = { confidence: range.confidence, evidence: 'as min' }
  entries.push(entry('min', min, range, known), entry('max', max, same, known))
  // A limit on steps that one sudden event proves wrong would do more harm than good.
  if (maxStep.value !== undefined) entries.push(entry('max_step', maxStep.value, maxStep, false))
  return entries
}

function serialEntries(line: HeardLine, devices: readonly HeardDevice[]): Entry[] {
  const { path, pathFinding, baudRate, parity, format, formatEvidence } = line
  const finding = { confidence: 'certain', evidence: formatEvidence } as const
  const entries = [entry('path', path, pathFinding)]
  if (baudRate) entries.push(entry('baud_rate', baudRate.value, baudRate))
  if (parity !== 'none') entries.push(entry('parity', parity, baudRate))
  entries.push(entry('framing', format.framing, finding), entry('crc', format.crc, finding))
  if (format.address === 'none') entries.push(entry('device', devices[0]?.id ?? ''))
  else {
    entries.push(entry('address', 'byte', finding))
    entries.push({ key: 'devices', value: knownDevices(devices) })
  }
  return [{ key: 'serial', value: entries }]
}

/** What a gateway collects from is known by the gateway alone. */
const knownDevices = (devices: readonly HeardDevice[]): Entry[] =>
  devices.flatMap(({ known, id }) => (known === undefined ? [] : [entry(known, id)]))

function mqttEntries(heard: HeardTopic, devices: readonly HeardDevice[]): Entry[] {
  const { topic, payload, payloadEvidence } = heard
  const entries = [entry('topic', topic)]
  if (!topic.includes('{device}')) entries.push(entry('device', devices[0]?.id ?? ''))
  if (payload.json !== undefined || payload.encoding !== 'binary') {
    const finding = { confidence: 'certain', evidence: payloadEvidence } as const
    const inner = [
      ...(payload.json === undefined ? [] : [entry('json', payload.json, finding)]),
      entry('encoding', payload.encoding, finding),
    ]
    entries.push({ key: 'payload', value: inner })
  }
  const renamed = devices.filter(({ id, known }) => known !== undefined && known !== id)
  if (renamed.length > 0) entries.push({ key: 'devices', value: knownDevices(renamed) })
  return [{ key: 'mqtt', value: entries }]
}

function brokerEntries({ urls, username, passwordFile, caFile }: HeardTopic): Entry[] {
  return [
    entry('url', urls[0] ?? ''),
    ...(username === undefined ? [] : [entry('username', username)]),
    ...(passwordFile === undefined ? [] : [entry('password_file', passwordFile)]),
    ...(caFile === undefined ? [] : [{ key: 'tls', value: [entry('ca', caFile)] }]),
  ]
}

/** `1500ms`, `2s`, `5min`: the largest unit that says it in whole numbers. */
export function duration(ms: number): string {
  if (ms % 60_000 === 0) return `${ms / 60_000}min`
  return ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`
}

function uniqueName(wanted: string, taken: ReadonlySet<string>): string {
  const stem = isChannelName(wanted) ? wanted : `channel_${wanted}`
  let name = stem
  for (let n = 2; taken.has(name.toLowerCase()); n++) name = `${stem}_${n}`
  return name
}

/** An id for a device that is known by an address, or by a level of a topic: that itself where it is one. */
export function deviceIdFor(
  known: string,
  taken: ReadonlySet<string>,
  by: (HeardLine | HeardTopic)['kind'],
): string {
  const isOne = by === 'topic' && isDeviceId(known)
  const word = known.replace(/[^A-Za-z0-9_]+/g, '-').replace(/^-+|-+$/g, '')
  const stem = isOne ? known : `node-${word.slice(0, 48) || 'x'}`
  let id = stem
  for (let n = 2; taken.has(id.toLowerCase()); n++) id = `${stem}-${n}`
  return id
}
