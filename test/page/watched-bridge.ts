import { fileURLToPath } from 'node:url'
import { CompactEncoder } from '../../src/alec/index.js'
import { Bridge } from '../../src/bridge.js'
import { systemClock } from '../../src/clock.js'
import { viewsOf } from '../../src/commands/run.js'
import { checkConfiguration } from '../../src/config/index.js'
import { LogLevels } from '../../src/control/index.js'
import { Window } from '../../src/http/index.js'
import { MemorySource } from '../../src/transport/index.js'
import { assertBuilt } from '../e2e/program.js'
import { heardLog } from '../http/heard-log.js'

export interface WatchedDevice {
  readonly id: string
  readonly name?: string
}

/** A whole bridge whose frames come from the test, and its window; nothing else is played. */
export class WatchedBridge {
  readonly url: string
  readonly logLevels: LogLevels
  readonly #bridge: Bridge
  readonly #window: Window
  readonly #source: MemorySource
  readonly #encoders = new Map<string, CompactEncoder>()

  private constructor(bridge: Bridge, window: Window, source: MemorySource, logLevels: LogLevels) {
    const { address } = window
    if (address === undefined) throw new Error('the window does not listen')
    this.url = address
    this.logLevels = logLevels
    this.#bridge = bridge
    this.#window = window
    this.#source = source
  }

  static async start(
    devices: readonly WatchedDevice[],
    http: { readonly token?: string; readonly adminToken?: string; readonly port?: number } = {},
  ): Promise<WatchedBridge> {
    assertBuilt()
    const outcome = checkConfiguration(
      {
        version: 1,
        bridge: { id: 'gw-test' },
        broker: { embedded: { port: 0 } },
        limits: {
          frames_per_second: 1e6,
          burst: 1e6,
          port_frames_per_second: 1e6,
          port_burst: 1e6,
        },
        models: {
          climate: {
            frames: 'compact',
            interval: '1s',
            channels: [
              { name: 'temperature', unit: '°C', resolution: 0.1, min: -40, max: 85, max_step: 2 },
              { name: 'humidity', unit: '%', resolution: 1, min: 0, max: 100 },
            ],
          },
        },
        devices: Object.fromEntries(
          devices.map(({ id, name }) => [id, { model: 'climate', ...(name && { name }) }]),
        ),
      },
      { cwd: '/', hostName: 'gw-test' },
    )
    if (!outcome.ok) throw new Error(JSON.stringify(outcome.problems))
    const { configuration } = outcome
    const [clock, log] = [systemClock, heardLog()]
    const source = new MemorySource({ clock, id: 'serial:/dev/ttyTEST' })
    const window = new Window({
      config: { host: '127.0.0.1', port: 0, names: [], metrics: { devices: 0 }, ...http },
      devices: devices.length,
      pageDirectory: fileURLToPath(new URL('../../dist/src/page/', import.meta.url)),
      clock,
      log,
    })
    const logLevels = new LogLevels(configuration.log)
    const bridge = new Bridge({
      configuration,
      logLevels,
      version: '0',
      clock,
      random: () => 0.5,
      log,
      sources: [source],
      onlooker: window.onlooker,
      checkables: [window],
    })
    await bridge.start()
    await window.open(viewsOf(bridge))
    return new WatchedBridge(bridge, window, source, logLevels)
  }

  /** Where its broker is. */
  get broker(): string {
    return this.#bridge.broker.embedded?.address ?? ''
  }

  /** The device sends its values, now or at a time; lost where that is said. Gives back the frame. */
  send(
    device: string,
    values: readonly [number, number],
    { lost = false, wall = Date.now() } = {},
  ): Uint8Array {
    let encoder = this.#encoders.get(device)
    if (!encoder) {
      encoder = new CompactEncoder({ channels: 2 })
      this.#encoders.set(device, encoder)
    }
    const bytes = encoder.encode([...values])
    if (!lost) this.#source.deliver(device, bytes, { wall })
    return bytes
  }

  /** Something comes that the device never sent. */
  garble(device: string): void {
    this.#source.deliver(device, Uint8Array.of(0xa1, 0x00))
  }

  async stop(): Promise<void> {
    await this.#window.close()
    await this.#bridge.stop()
  }
}
