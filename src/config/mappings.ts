/** The keys of an MQTT source that fill in a preset. */
export interface MappingKeys {
  /** The base topic of the bridge. */
  readonly baseTopic: string
  readonly application?: string
  readonly tenant: string
  readonly fPort: number
  readonly component: string
}

/** An MQTT source as a preset words it, in the keys of the file. */
export interface Mapping {
  readonly topic: string
  readonly payload: { readonly json?: string; readonly encoding: 'hex' | 'base64' }
  readonly downlink: {
    readonly topic: string
    readonly encoding?: 'hex' | 'base64'
    readonly json?: unknown
  }
}

export interface Preset {
  /** What it needs besides its name. */
  readonly needs: readonly 'application'[]
  /** The network lets a downlink leave only behind an uplink, and few of them. */
  readonly isLorawan: boolean
  mapping(keys: MappingKeys): Mapping
}

/**
 * Where servers and firmware put the bytes of a node, and how they want to be given some. Whatever a source says itself
 * takes precedence.
 */
export const presets = {
  // ChirpStack 4, MQTT integration with JSON; the application by its id.
  'chirpstack-v4': {
    needs: ['application'],
    isLorawan: true,
    mapping: ({ application, fPort }) => ({
      topic: `application/${application}/device/{device}/event/up`,
      payload: { json: 'data', encoding: 'base64' },
      downlink: {
        topic: `application/${application}/device/{device}/command/down`,
        json: { devEui: '{device}', confirmed: false, fPort, data: '{base64}' },
      },
    }),
  },
  // The Things Stack 3, MQTT server; the tenant of its sandbox is `ttn`.
  'the-things-stack-v3': {
    needs: ['application'],
    isLorawan: true,
    mapping: ({ application, tenant, fPort }) => ({
      topic: `v3/${application}@${tenant}/devices/{device}/up`,
      payload: { json: 'uplink_message.frm_payload', encoding: 'base64' },
      downlink: {
        topic: `v3/${application}@${tenant}/devices/{device}/down/push`,
        json: { downlinks: [{ f_port: fPort, frm_payload: '{base64}', priority: 'NORMAL' }] },
      },
    }),
  },
  // Tasmota's serial bridge after `SSerialSend5`, with its default topics.
  'tasmota-serial-bridge': {
    needs: [],
    isLorawan: false,
    mapping: () => ({
      topic: 'tele/{device}/RESULT',
      payload: { json: 'SSerialReceived', encoding: 'hex' },
      downlink: { topic: 'cmnd/{device}/SSerialSend5', encoding: 'hex' },
    }),
  },
  // ESPHome: a text sensor with what its UART brought, in hexadecimal, and a text that it sends.
  'esphome-uart': {
    needs: [],
    isLorawan: false,
    mapping: ({ component }) => ({
      topic: `{device}/sensor/${component}/state`,
      payload: { encoding: 'hex' },
      downlink: { topic: `{device}/text/${component}/command`, encoding: 'hex' },
    }),
  },
  hex: {
    needs: [],
    isLorawan: false,
    mapping: ({ baseTopic }) => plain(baseTopic, 'hex'),
  },
  base64: {
    needs: [],
    isLorawan: false,
    mapping: ({ baseTopic }) => plain(baseTopic, 'base64'),
  },
} as const satisfies Readonly<Record<string, Preset>>

export type PresetName = keyof typeof presets

const plain = (baseTopic: string, encoding: 'hex' | 'base64'): Mapping => ({
  topic: `${baseTopic}/{device}/frame`,
  payload: { encoding },
  downlink: { topic: `${baseTopic}/{device}/command`, encoding },
})

export const presetOf = (name: unknown): Preset | undefined =>
  typeof name === 'string' && Object.hasOwn(presets, name) ? presets[name as PresetName] : undefined
