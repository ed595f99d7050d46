import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LineFormat } from '../../src/framing/index.js'
import { LineNode } from '../support/line-node.js'
import { Mosquitto } from '../support/mosquitto.js'
import { openPseudoTerminal, type PseudoTerminal } from '../support/pseudo-terminal.js'
import { BridgeProcess } from './bridge-process.js'
import { Ledger } from './ledger.js'
import { NO_BUDGET, NO_LIMITS } from './line-site.js'
import { LoyalConsumer } from './loyal-consumer.js'
import { MeasuredNode, NODE_MODEL } from './measured-node.js'
import { within } from './pace.js'
import { warmUp } from './warm-up.js'

const FORMAT: LineFormat = { framing: 'cobs', crc: 'crc32', address: 'none', maxFrame: 4096 }

/** A node at the far end of a pseudo-terminal; what it is told it hears. */
class TerminalNode {
  readonly node: MeasuredNode
  readonly terminal: PseudoTerminal = openPseudoTerminal()
  /** Its frames as hex, by sequence number. */
  readonly sent: string[] = []
  requests = 0
  readonly #wire: LineNode

  constructor(node: MeasuredNode) {
    this.node = node
    this.#wire = new LineNode(FORMAT, (bytes) => this.#write(bytes))
    this.terminal.onData((chunk) => {
      this.#wire.hear(chunk)
      for (const { bytes } of this.#wire.downlinks.splice(0)) {
        this.requests++
        node.hear(bytes)
      }
    })
  }

  send(): void {
    const frame = this.node.next()
    this.sent.push(Buffer.from(frame).toString('hex'))
    this.#wire.send(frame)
  }

  #write(bytes: Uint8Array): void {
    try {
      this.terminal.write(bytes)
    } catch {
      // Nobody reads, and the terminal is full: the UART overruns.
    }
  }
}

/** A bridge process whose devices hang on real pseudo-terminals, with a real broker and a consumer. */
export class TerminalSite {
  readonly broker: Mosquitto
  readonly bridge: BridgeProcess
  readonly ledger: Ledger
  readonly #ends: readonly TerminalNode[]
  readonly #consumer: LoyalConsumer
  readonly #directory: string
  #requestsBefore = 0

  private constructor(parts: {
    broker: Mosquitto
    bridge: BridgeProcess
    ledger: Ledger
    ends: readonly TerminalNode[]
    consumer: LoyalConsumer
    directory: string
  }) {
    this.broker = parts.broker
    this.bridge = parts.bridge
    this.ledger = parts.ledger
    this.#ends = parts.ends
    this.#consumer = parts.consumer
    this.#directory = parts.directory
  }

  static async prepare(devices: number): Promise<TerminalSite> {
    const directory = mkdtempSync(join(tmpdir(), 'alec-terminals-'))
    const broker = await Mosquitto.start({
      config: ['allow_anonymous true', 'max_queued_messages 0'],
    })
    const nodes = Array.from({ length: devices }, (_, i) => new MeasuredNode(`node-${i}`, 31 * i))
    const ends = nodes.map((node) => new TerminalNode(node))
    const bridge = new BridgeProcess(directory, {
      version: 1,
      bridge: { id: 'gw-terminals' },
      broker: { url: broker.url },
      limits: NO_LIMITS,
      resync: NO_BUDGET,
      models: { node: NODE_MODEL },
      sources: ends.map(({ terminal: { path }, node }) => ({ serial: { path, device: node.id } })),
      devices: Object.fromEntries(nodes.map(({ id }) => [id, { model: 'node' }])),
    })
    const ledger = new Ledger(nodes)
    const consumer = await LoyalConsumer.connect(broker.url, ['alec/+/readings'], (topic, body) =>
      ledger.take(topic, body),
    )
    return new TerminalSite({ broker, bridge, ledger, ends, consumer, directory })
  }

  /** Starts the bridge; resolves once it has every terminal open: what is sent before may be lost. */
  async start(): Promise<void> {
    const from = this.bridge.log.length
    await this.bridge.start()
    const opened = () =>
      this.bridge.log.slice(from).filter(({ kind, source }) => {
        return kind === 'open' && String(source).startsWith('serial:')
      }).length
    if (!(await within(10_000, () => opened() >= this.#ends.length)))
      throw new Error('the terminals were not opened')
  }

  /** Lets the nodes send until all are known well; what comes now is judged. */
  async warmUp(): Promise<void> {
    const nodes = this.#ends.map(({ node }) => node)
    await warmUp(nodes, this.ledger, (node) => this.#ends.find((end) => end.node === node)?.send())
    this.#requestsBefore = this.#allRequests
  }

  get frames(): number {
    return this.#ends.reduce((sum, { sent }) => sum + sent.length, 0)
  }

  /** Keyframes that the bridge has asked for since all were known well. */
  get requests(): number {
    return this.#allRequests - this.#requestsBefore
  }

  get #allRequests(): number {
    return this.#ends.reduce((sum, { requests }) => sum + requests, 0)
  }

  /** One frame of the node that chance, in [0, 1), picks. */
  send(chance: number): void {
    this.#ends[Math.floor(chance * this.#ends.length)]?.send()
  }

  /** `device seq` of a frame that was sent. */
  nameOf(device: string, bytes: Uint8Array): string {
    const hex = Buffer.from(bytes).toString('hex')
    const seq = this.#ends.find(({ node }) => node.id === device)?.sent.lastIndexOf(hex)
    return `${device} ${seq}`
  }

  async close(): Promise<void> {
    this.broker.thaw()
    await this.bridge.end('SIGKILL')
    for (const { terminal } of this.#ends) terminal.close()
    await this.#consumer.close()
    await this.broker.stop()
    rmSync(this.#directory, { recursive: true, force: true })
  }
}
