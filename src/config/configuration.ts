/** The whole configuration, typed, defaults filled in, deeply frozen: what leaves this room. */
export interface Configuration {
  /** The file it came from, where there was one; an absolute path. */
  readonly file?: string
  readonly baseTopic: string
  readonly bridge: { readonly id: string }
  readonly broker: EmbeddedBrokerConfig | ExternalBrokerConfig
  /** An absolute path, where one was declared. */
  readonly stateDir?: string
  readonly journal: JournalConfig
  /** Only where several bridges share their devices. */
  readonly cluster?: ClusterConfig
  readonly outputs: OutputsConfig
  readonly status: { readonly intervalMs: number }
  readonly resync: ResyncConfig
  readonly limits: LimitsConfig
  readonly log: LogConfig
  /** Absent: Home Assistant is told nothing. */
  readonly homeAssistant?: HomeAssistantConfig
  readonly models: ReadonlyMap<string, ModelConfig>
  readonly sources: readonly SourceConfig[]
  readonly devices: ReadonlyMap<string, DeviceConfig>
  readonly unknownDevices: 'ignore' | 'announce' | 'accept'
  readonly defaultModel?: string
  /** The window; absent where nobody shall look in. */
  readonly http?: HttpConfig
}

/** The server of the dashboard and the metrics. */
export interface HttpConfig {
  /** An address of this machine alone where there is no `tls` or no `token`. */
  readonly host: string
  readonly port: number
  /** PEM texts; `key` is never printed. */
  readonly tls?: { readonly cert: string; readonly key: string }
  /** Who shows it may look in; never printed. Absent: whoever is on this machine. */
  readonly token?: string
  /** Who shows it may also have things done; never printed. Absent: nobody over HTTP. */
  readonly adminToken?: string
  readonly metrics: {
    /** Who shows it may read the metrics and nothing else; never printed. */
    readonly token?: string
    /** Most devices that have series of their own. */
    readonly devices: number
  }
  /** Names in lower case by which browsers may reach it, beside addresses and `localhost`. */
  readonly names: readonly string[]
}

export interface LogConfig {
  readonly level: LogLevel
  /** Parts of the bridge with a level of their own. */
  readonly parts: { readonly [Part in LogPart]?: LogLevel | undefined }
}

/** What of the bridge has lines of its own in the log. */
export type LogPart =
  | 'clock'
  | 'configuration'
  | 'devices'
  | 'discovery'
  | 'doors'
  | 'journal'
  | 'publish'
  | 'requests'
  | 'summary'

export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent'

export interface EmbeddedBrokerConfig {
  readonly kind: 'embedded'
  /** Addresses of this machine alone where there are no `users` and no `tls`. */
  readonly host: string
  readonly port: number
  /** What one client may publish; it is slowed down to that. */
  readonly publishRate?: { readonly perSecond: number; readonly burst: number }
  /** PEM texts; `key` is never printed. With `ca` every client needs a certificate by it. */
  readonly tls?: { readonly cert: string; readonly key: string; readonly ca?: string }
  /** Absent: whoever is on this machine may come in. */
  readonly users?: readonly BrokerUserConfig[]
}

/** Somebody who may come in at the embedded broker. */
export interface BrokerUserConfig {
  readonly name: string
  /** As in its file: plain, or a `scrypt:` line; never printed. Absent where a certificate says who it is. */
  readonly password?: string
  /** The MQTT client ids that are this user's and nobody else's. */
  readonly clientIds: readonly string[]
  /** Topic filters that it may publish to. */
  readonly publish: readonly string[]
  /** Topic filters that it may subscribe, narrower ones included. */
  readonly subscribe: readonly string[]
  /** What it may not publish to, whatever `publish` says. */
  readonly forbidden?: readonly string[]
  /** May do everything that a client can do, retain included. */
  readonly admin: boolean
  /** Whether its session, with what it has missed, is kept while it is away. */
  readonly persistent: boolean
}

export interface ExternalBrokerConfig {
  readonly kind: 'external'
  /** Tried in turn. */
  readonly urls: readonly string[]
  readonly username?: string
  /** The content of `password_file`; never printed. */
  readonly password?: string
  readonly clientId?: string
  /** `auto`: MQTT 5 where the broker knows it, else 3.1.1. */
  readonly protocol: 'auto' | '5' | '3.1.1'
  /** PEM texts, the content of the files that were named; `key` is never printed. */
  readonly tls?: {
    readonly ca?: string
    readonly cert?: string
    readonly key?: string
    /** Public keys that its certificate may have; any where absent. */
    readonly pins?: readonly string[]
    readonly insecure: boolean
  }
}

/** A bridge's part in a group of bridges. */
export interface ClusterConfig {
  readonly group: string
  /** What spreads the frames over the bridges. */
  readonly frames: ClusterQueues | ClusterTopics
  /** For `frames`, where it is not that of the broker: PEM texts; `key` is never printed. */
  readonly tls?: PemTexts
  /** `redis:` or `rediss:`; the password and the PEM texts are the content of their files. */
  readonly state: {
    readonly url: string
    readonly username?: string
    readonly password?: string
  } & PemTexts
}

/** Queues of RabbitMQ. */
export interface ClusterQueues {
  readonly kind: 'amqp'
  /** `amqp:` or `amqps:`, tried in turn; who we are there is told by the broker's configuration. */
  readonly urls: readonly string[]
  readonly partitions: number
  /** Frames of one partition that are on their way at once. */
  readonly prefetch: number
}

/** Shared subscriptions of a broker that deals by topic or client. */
export interface ClusterTopics {
  readonly kind: 'mqtt'
  /** Where not those of the broker's configuration; who we are there it tells all the same. */
  readonly urls?: readonly string[]
}

/** Authority, certificate and its key. */
export interface PemTexts {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
}

export interface JournalConfig {
  readonly maxBytes: number
  readonly durability: Durability
  /** What gives way when it is full; absent: `block` for MQTT, `drop-oldest` for lines. */
  readonly overflow?: 'block' | 'drop-oldest' | 'drop-newest' | 'thin'
  /** What `thin` leaves of a device: one frame in so much time. Only there with `thin`. */
  readonly thinIntervalMs?: number
}

/** When a frame counts as accepted; `ms` is the time between two writes, and what a power cut may cost. */
export type Durability =
  | { readonly kind: 'strict' }
  | { readonly kind: 'os' }
  | { readonly kind: 'end-to-end' }
  | { readonly kind: 'batched'; readonly ms: number }

export interface OutputsConfig {
  readonly qos: 0 | 1 | 2
  readonly retain: boolean
  readonly perChannel: boolean
  readonly uncertain: 'mark' | 'withhold'
}

export interface ResyncConfig {
  readonly onDrift: boolean
  readonly minIntervalMs: { readonly line: number; readonly mqtt: number }
  /** Unlimited where absent. */
  readonly perDay?: number
  readonly bridgePerSecond: number
}

export interface LimitsConfig {
  readonly framesPerSecond: number
  readonly burst: number
  /** Bytes of the publisher's queue while the broker is away. */
  readonly queueBytes: number
  /** Of one source, whatever devices its frames are of. */
  readonly portFramesPerSecond: number
  readonly portBurst: number
}

export interface HomeAssistantConfig {
  /** False takes back what was announced. */
  readonly enabled: boolean
  /** The topic below which it looks for devices. */
  readonly prefix: string
  /** Where it says that it is there. */
  readonly statusTopic: string
}

export type ChannelSource = number | string

export interface ChannelConfig {
  readonly name: string
  /** `temperature`, `relative_humidity`, …: see `src/alec/quantity.ts` for the ones with a default range. */
  readonly quantity?: string
  readonly unit?: string
  /** The decimal as written, e.g. `0.1`: the values are exact multiples of it. */
  readonly resolution?: string
  readonly min?: number
  readonly max?: number
  readonly maxStep?: number
  readonly tolerance?: number
  /** Standard frames: source id, or name id in multi frames; a name has been hashed as the device library does. */
  readonly source?: number
}

export interface ModelConfig {
  readonly frames: 'compact' | 'standard'
  readonly checksum: boolean
  readonly profile: 'alec-1.3' | 'closed-loop'
  readonly intervalMs?: number
  readonly scale: number
  /** Frames between scheduled keyframes; 0 = never. */
  readonly keyframeInterval: number
  readonly multi: 'adaptive' | 'plain'
  readonly suppresses: boolean
  /** When one of its devices has left the others; absent: they are not held against each other. */
  readonly peers?: { readonly deviations: number; readonly minimum: number }
  readonly channels: readonly ChannelConfig[]
}

export interface DeviceConfig {
  readonly id: string
  readonly model: string
  readonly name?: string
}

export type SourceConfig = SerialSourceConfig | MqttSourceConfig

export interface SerialSourceConfig {
  readonly kind: 'serial'
  /** A device path, a by-id path, or `tcp://host:port`; absent where `match` finds the port. */
  readonly path?: string
  /** USB identity: vendor and product id of four hexadecimal digits in lower case, serial number. */
  readonly match?: {
    readonly vendor?: string
    readonly product?: string
    readonly serialNumber?: string
  }
  readonly baudRate: number
  readonly dataBits: 5 | 6 | 7 | 8
  readonly parity: 'none' | 'even' | 'odd' | 'mark' | 'space'
  readonly stopBits: 1 | 1.5 | 2
  readonly flowControl: 'none' | 'rtscts' | 'xonxoff'
  readonly framing: 'cobs' | 'slip' | 'length' | 'hex'
  readonly crc: 'crc32' | 'crc16' | 'none'
  readonly address: 'none' | 'byte'
  readonly maxFrame: number
  /** The one device on the line … */
  readonly device?: string
  /** … or one per address byte. */
  readonly devices?: ReadonlyMap<number, string>
}

export interface MqttSourceConfig {
  readonly kind: 'mqtt'
  /** A topic filter in which `{device}` is the level that names the device; without it, `device` does. */
  readonly topic: string
  readonly device?: string
  readonly qos: 0 | 1 | 2
  /** Whether to take what the broker had in store: frames of any age. */
  readonly acceptRetained: boolean
  /** Most frames of a device that wait for one that was overtaken; 0 where frames come in order. */
  readonly reorderWindow: number
  readonly payload: PayloadConfig
  readonly downlink?: DownlinkConfig
  /** External id → device id, where the ids on the wire are not valid here. */
  readonly devices?: ReadonlyMap<string, string>
}

export interface PayloadConfig {
  /** Path of the field in a JSON document, dots between keys (`uplink_message.frm_payload`); absent: the payload itself. */
  readonly json?: string
  readonly encoding: 'binary' | 'hex' | 'base64'
}

export interface DownlinkConfig {
  /** A topic in which `{device}` stands for the id that the network behind it uses. */
  readonly topic: string
  /** How the bytes are written where there is no `json`. */
  readonly encoding: 'binary' | 'hex' | 'base64'
  /** A JSON document in which `{base64}`, `{hex}` and `{device}` inside strings are filled in; absent: bare bytes. */
  readonly json?: unknown
}
