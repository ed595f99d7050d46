import type { z } from 'zod'
import type { Path } from './problem.js'
import { type BrokerInput, brokerSchema } from './schema/broker.js'
import { type ClusterInput, clusterSchema } from './schema/cluster.js'
import { type HomeAssistantInput, homeAssistantSchema } from './schema/home-assistant.js'
import { type HttpInput, httpSchema } from './schema/http.js'
import { type ChannelInput, channelSchema, type ModelInput, modelSchema } from './schema/model.js'
import { type DeviceInput, deviceSchema, rootSchema } from './schema/root.js'
import { type SourceInput, sourceSchema } from './schema/source.js'
import { isRawMap, type RawMap, SourceTree } from './source-tree.js'

/** A part of the configuration that holds by itself; `value` is absent where it does not. */
export interface Piece<T> {
  readonly path: Path
  readonly value: T | undefined
}

export interface NamedPiece<T> extends Piece<T> {
  readonly name: string
}

export interface ModelPiece extends NamedPiece<Omit<ModelInput, 'channels'>> {
  readonly channels: readonly Piece<ChannelInput>[]
}

/**
 * What can be checked against each other although something elsewhere may be wrong: one typing mistake must not
 * hide what else there is to put right.
 */
export interface Survey {
  readonly baseTopic: string
  readonly broker: BrokerInput | undefined
  readonly cluster: ClusterInput | undefined
  readonly http: HttpInput | undefined
  readonly homeAssistant: HomeAssistantInput | undefined
  readonly models: ReadonlyMap<string, ModelPiece>
  readonly sources: readonly Piece<SourceInput>[]
  readonly devices: ReadonlyMap<string, NamedPiece<DeviceInput>>
  readonly unknownDevices: 'ignore' | 'announce' | 'accept' | undefined
  readonly defaultModel: string | undefined
}

export function survey(tree: SourceTree): Survey {
  const root = isRawMap(tree.root) ? tree.root : {}
  const { base_topic, unknown_devices, default_model } = rootSchema.shape
  return {
    baseTopic: valid(base_topic, root.base_topic) ?? 'alec',
    broker: valid(brokerSchema, root.broker ?? {}),
    cluster: valid(clusterSchema, root.cluster),
    http: root.http === undefined ? undefined : valid(httpSchema, root.http),
    homeAssistant:
      root.homeassistant === undefined ? undefined : valid(homeAssistantSchema, root.homeassistant),
    models: new Map(entries(root.models).map(([name, raw]) => [name, modelPiece(name, raw)])),
    sources: items(root.sources).map((raw, index) => ({
      path: ['sources', index],
      value: valid(sourceSchema, raw),
    })),
    devices: devicePieces(root.devices),
    unknownDevices: valid(unknown_devices, root.unknown_devices),
    defaultModel: valid(default_model, root.default_model),
  }
}

/** More different devices than this are not remembered. */
const MOST_COMMON = 1024

/** measured: of 100 000 devices a path and a value for each would take 30 MB. */
class DevicePiece implements NamedPiece<DeviceInput> {
  readonly name: string
  readonly value: DeviceInput | undefined

  constructor(name: string, value: DeviceInput | undefined) {
    this.name = name
    this.value = value
  }

  get path(): Path {
    return ['devices', this.name]
  }
}

/** Those that say the same share their value. */
function devicePieces(devices: unknown): Map<string, DevicePiece> {
  const known = new Map<string, DeviceInput | undefined>()
  const pieces = new Map<string, DevicePiece>()
  for (const [name, raw] of entries(devices)) {
    const text = JSON.stringify(raw)
    const value = known.has(text) ? known.get(text) : valid(deviceSchema, raw)
    if (known.size < MOST_COMMON) known.set(text, value)
    pieces.set(name, new DevicePiece(name, value))
  }
  return pieces
}

const headSchema = modelSchema.omit({ channels: true })

function modelPiece(name: string, raw: unknown): ModelPiece {
  const { channels, ...head }: RawMap = isRawMap(raw) ? raw : {}
  return {
    name,
    path: ['models', name],
    value: valid(headSchema, head),
    channels: items(channels).map((channel, index) => ({
      path: ['models', name, 'channels', index],
      value: valid(channelSchema, channel),
    })),
  }
}

/**
 * The value as the schema sees it, without what the schema refuses. Undefined where too little is left.
 * Checks that miss something therefore ask the tree whether it was written at all.
 */
function valid<Schema extends z.ZodType>(
  schema: Schema,
  raw: unknown,
): z.output<Schema> | undefined {
  const parsed = schema.safeParse(raw)
  if (parsed.success) return parsed.data
  const rest = new SourceTree(structuredClone(raw))
  for (const issue of parsed.error.issues) {
    const names =
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => [...issue.path, key])
        : [issue.path]
    for (const path of names) remove(rest, path)
  }
  return schema.safeParse(rest.root).data
}

/** Removes what stands there; of a list the whole, for its items are known by their positions. */
function remove(tree: SourceTree, path: readonly PropertyKey[]): void {
  const last = path.findLastIndex((step) => typeof step === 'string')
  if (last < 0) return
  const parent = tree.at(
    path.slice(0, last).map((step) => (typeof step === 'number' ? step : String(step))),
  )
  if (isRawMap(parent)) delete parent[String(path[last])]
}

const entries = (raw: unknown): [string, unknown][] => (isRawMap(raw) ? Object.entries(raw) : [])

const items = (raw: unknown): readonly unknown[] => (Array.isArray(raw) ? raw : [])
