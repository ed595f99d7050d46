import { deviceRefs } from './checks/device-refs.js'
import { sourceNumber } from './checks/models.js'
import { clusterConfig } from './cluster-config.js'
import type {
  Configuration,
  DeviceConfig,
  ExternalBrokerConfig,
  HomeAssistantConfig,
  JournalConfig,
  ModelConfig,
  ResyncConfig,
} from './configuration.js'
import { embeddedConfig } from './embedded-config.js'
import { deepFreeze } from './frozen.js'
import { httpConfig } from './http-config.js'
import type { BrokerInput } from './schema/broker.js'
import type { HomeAssistantInput } from './schema/home-assistant.js'
import type { ChannelInput, ModelInput } from './schema/model.js'
import type { ConfigurationInput } from './schema/root.js'
import { type FileAccess, resolvePath, type Secrets } from './secrets.js'
import { sourceConfig } from './source-config.js'
import type { SourceTree } from './source-tree.js'

/** What is known besides the document. */
export interface Surroundings {
  readonly bridgeId: string
  readonly hostName: string
  readonly secrets: Secrets
  readonly access: FileAccess
}

/** Builds the frozen configuration from a document in which nothing is wrong any more. */
export function assemble(
  input: ConfigurationInput,
  tree: SourceTree,
  { bridgeId, hostName, secrets, access }: Surroundings,
): Configuration {
  const { state_dir, default_model } = input
  return deepFreeze<Configuration>({
    ...(access.file !== undefined && { file: access.file }),
    baseTopic: input.base_topic,
    bridge: { id: bridgeId },
    broker:
      input.broker.url === undefined
        ? embeddedConfig(input, secrets)
        : external(input.broker, secrets),
    ...(state_dir !== undefined && {
      stateDir: resolvePath(state_dir, ['state_dir'], tree, access),
    }),
    journal: journal(input),
    ...(input.cluster && { cluster: clusterConfig(input.cluster, secrets.cluster) }),
    outputs: {
      qos: input.outputs.qos,
      retain: input.outputs.retain,
      perChannel: input.outputs.per_channel,
      uncertain: input.outputs.uncertain,
    },
    status: { intervalMs: input.status.interval },
    resync: resync(input.resync),
    limits: {
      framesPerSecond: input.limits.frames_per_second,
      burst: input.limits.burst,
      queueBytes: input.limits.queue_size,
      portFramesPerSecond: input.limits.port_frames_per_second,
      portBurst: input.limits.port_burst,
    },
    log: { level: input.log.level, parts: input.log.parts },
    ...(input.homeassistant && { homeAssistant: homeAssistant(input.homeassistant) }),
    models: new Map(
      Object.entries(input.models).map(([name, model]) => [name, modelConfig(name, model, tree)]),
    ),
    sources: input.sources.map((source, index) => sourceConfig(source, ['sources', index], tree)),
    devices: devices(input),
    unknownDevices: input.unknown_devices,
    ...(default_model !== undefined && { defaultModel: default_model }),
    ...(input.http && { http: httpConfig(input.http, secrets, hostName) }),
  })
}

function external(broker: BrokerInput, secrets: Secrets): ExternalBrokerConfig {
  const { username, client_id, tls } = broker
  const { password, ca, cert, key } = secrets
  const pem = {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
  }
  return {
    kind: 'external',
    urls: [broker.url ?? []].flat(),
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(client_id !== undefined && { clientId: client_id }),
    protocol: broker.protocol === 5 ? '5' : (broker.protocol ?? 'auto'),
    ...(tls && {
      tls: {
        ...pem,
        ...(tls.pin !== undefined && { pins: [tls.pin].flat() }),
        insecure: tls.insecure,
      },
    }),
  }
}

function homeAssistant(input: HomeAssistantInput): HomeAssistantConfig {
  const { enabled, discovery_prefix: prefix, status_topic } = input
  return { enabled, prefix, statusTopic: status_topic ?? `${prefix}/status` }
}

function journal({ journal: input, outputs }: ConfigurationInput): JournalConfig {
  const { max_size, durability, overflow } = input
  return {
    maxBytes: max_size,
    durability:
      typeof durability === 'string'
        ? { kind: durability }
        : { kind: 'batched', ms: durability.batched },
    ...(overflow !== undefined && { overflow }),
    ...(overflow === 'thin' && { thinIntervalMs: outputs.thin_interval ?? 60_000 }),
  }
}

function resync(input: ConfigurationInput['resync']): ResyncConfig {
  const interval = input.min_interval ?? { line: 1000, mqtt: 60_000 }
  return {
    onDrift: input.on_drift,
    minIntervalMs: typeof interval === 'number' ? { line: interval, mqtt: interval } : interval,
    ...(input.per_day !== undefined && { perDay: input.per_day }),
    bridgePerSecond: input.bridge_per_second,
  }
}

function modelConfig(name: string, model: ModelInput, tree: SourceTree): ModelConfig {
  return {
    frames: model.frames,
    checksum: model.checksum ?? false,
    profile: model.profile,
    ...(model.interval !== undefined && { intervalMs: model.interval }),
    scale: model.scale,
    keyframeInterval: model.keyframe_interval ?? 50,
    multi: model.multi ?? 'adaptive',
    suppresses: model.suppresses ?? false,
    ...(model.peers !== undefined && { peers: model.peers }),
    channels: model.channels.map((channel, index) =>
      channelConfig(channel, tree.written(['models', name, 'channels', index, 'resolution'])),
    ),
  }
}

function channelConfig(channel: ChannelInput, resolution: string | undefined) {
  const { name, quantity, unit, min, max, max_step, tolerance, source } = channel
  return {
    name,
    ...(quantity !== undefined && { quantity }),
    ...(unit !== undefined && { unit }),
    ...(resolution !== undefined && { resolution }),
    ...(min !== undefined && { min }),
    ...(max !== undefined && { max }),
    ...(max_step !== undefined && { maxStep: max_step }),
    ...(tolerance !== undefined && { tolerance }),
    ...(source !== undefined && { source: sourceNumber(source) }),
  }
}

function devices(input: ConfigurationInput): Map<string, DeviceConfig> {
  // One text for all devices of a model: a parser makes a new one for each.
  const models = new Map(Object.keys(input.models).map((name) => [name, name]))
  const declared = Object.entries(input.devices).map(
    ([id, { model, name }]): DeviceConfig => ({
      id,
      model: models.get(model) ?? model,
      ...(name !== undefined && { name }),
    }),
  )
  const known = new Map(declared.map((device) => [device.id, device]))
  if (input.default_model === undefined || input.unknown_devices !== 'accept') return known
  // A device that only a source names is known before its first frame, and has a status from then on.
  const pieces = input.sources.map((value, index) => ({ path: ['sources', index], value }))
  for (const { device: id } of deviceRefs(pieces)) {
    if (!known.has(id)) known.set(id, { id, model: input.default_model })
  }
  return known
}
