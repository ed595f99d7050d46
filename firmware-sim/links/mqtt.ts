import { connect, type MqttClient } from 'mqtt'
import { type Link, type LinkCounters, LinkTally, type OnDownlink } from './link.js'

export interface MqttLinkOptions {
  readonly id: string
  readonly url: string
  readonly devices: readonly string[]
  /** Frames go to `<base topic>/<device>/frame`, downlinks come by `<base topic>/<device>/command`. */
  readonly baseTopic: string
  readonly qos: 0 | 1 | 2
  readonly username?: string
  readonly password?: string
  readonly clientId?: string
}

const reconnectMs = 500
// Past 65 535 unacknowledged messages MQTT.js overwrites them; a device has room for far fewer.
const mostUnacknowledged = 1000

/** Devices that speak MQTT, over one connection that is opened again for ever. */
export class MqttLink implements Link {
  readonly #options: MqttLinkOptions
  readonly #commands: ReadonlyMap<string, string>
  readonly #tally = new LinkTally()
  #client: MqttClient | undefined
  #unacknowledged = 0
  #lastError: string | undefined
  #ready: Promise<void> = Promise.resolve()
  #resolveReady: () => void = () => {}

  constructor(options: MqttLinkOptions) {
    this.#options = options
    const { baseTopic, devices } = options
    this.#commands = new Map(devices.map((device) => [`${baseTopic}/${device}/command`, device]))
  }

  get id(): string {
    return this.#options.id
  }

  /** The broker's URL, without user and password. */
  get address(): string | undefined {
    return this.#client && this.#options.url.replace(/\/\/[^/@]*@/, '//')
  }

  get counters(): LinkCounters {
    return this.#tally.snapshot()
  }

  get ready(): Promise<void> {
    return this.#ready
  }

  get trouble(): string | undefined {
    if (!this.#client || this.#client.connected) return undefined
    return this.#lastError ?? 'not connected yet'
  }

  /** Resolves at once: a broker may come later. Throws where the URL is none. */
  async start(onDownlink: OnDownlink): Promise<void> {
    if (this.#client) return
    const { url, username, password, clientId } = this.#options
    const client = connect(url, {
      protocolVersion: 4,
      clean: true,
      reconnectPeriod: reconnectMs,
      // Without it one refused CONNACK would end reconnection for good.
      reconnectOnConnackError: true,
      queueQoSZero: false,
      resubscribe: false,
      ...(clientId !== undefined && { clientId }),
      ...(username !== undefined && { username }),
      ...(password !== undefined && { password }),
    })
    this.#client = client
    this.#unacknowledged = 0
    this.#lastError = undefined
    const filter = `${this.#options.baseTopic}/+/command`
    this.#ready = new Promise((resolve) => {
      this.#resolveReady = resolve
    })
    client.on('connect', () => client.subscribe(filter, { qos: 1 }, () => this.#resolveReady()))
    client.on('error', (error) => {
      this.#lastError = error.message
    })
    client.on('message', (topic, payload, { retain }) => {
      // A command that the broker kept is stale: devices act on live ones only.
      if (!retain) this.#take(topic, payload, onDownlink)
    })
  }

  async stop(): Promise<void> {
    const client = this.#client
    if (!client) return
    this.#client = undefined
    this.#resolveReady()
    client.removeAllListeners('message')
    // There is no will to hold back, so no goodbye, which a frozen broker might never answer.
    await client.endAsync(true)
  }

  send(device: string, frame: Uint8Array): void {
    const client = this.#client
    if (!client?.connected || this.#unacknowledged >= mostUnacknowledged) {
      this.#tally.unsent++
      return
    }
    this.#tally.framesSent++
    this.#tally.bytesSent += frame.length
    const { baseTopic, qos } = this.#options
    const payload = Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength)
    this.#unacknowledged++
    // What a lost connection leaves open is sent again on the next one and answered then.
    client.publish(`${baseTopic}/${device}/frame`, payload, { qos }, () => {
      if (this.#client === client) this.#unacknowledged--
    })
  }

  #take(topic: string, payload: Uint8Array, onDownlink: OnDownlink): void {
    const device = this.#commands.get(topic)
    if (device === undefined) {
      this.#tally.strayDownlinks++
      return
    }
    this.#tally.downlinks++
    onDownlink(device, payload)
  }
}
