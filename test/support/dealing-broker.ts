import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import {
  generate,
  type IConnectPacket,
  type IPublishPacket,
  type Packet,
  parser,
} from 'mqtt-packet'
import { topicMatcher } from '../../src/topic-filter.js'

export interface DealingOptions {
  /** How messages are dealt to those who share a subscription; `whoever-is-free`: to the next one only where the first is busy. */
  readonly deals?: 'by-topic' | 'in-turn' | 'whoever-is-free'
  /** False: says that subscriptions cannot be shared. */
  readonly shares?: boolean
  readonly mostQos?: 0 | 1
  /** Speaks MQTT 3.1.1 only. */
  readonly isOld?: boolean
  /** Seconds that clients have to follow: who is silent for half as long again is gone. */
  readonly keepaliveS?: number
  readonly port?: number
}

interface Delivery {
  readonly topic: string
  readonly payload: string | Buffer
  readonly qos: 0 | 1
  /** Of the shared subscription that it was dealt by. */
  readonly share: string | undefined
}

interface Subscription {
  readonly matches: (topic: string) => boolean
  readonly qos: 0 | 1
  /** The whole filter, where it is shared. */
  readonly share: string | undefined
}

/** A client, from the broker's side. Its session ends with its connection. */
class Member {
  readonly subscriptions = new Map<string, Subscription>()
  readonly inflight = new Map<number, Delivery>()
  queued: Delivery[] = []
  #nextId = 1
  readonly #socket: Socket
  readonly #level: number
  readonly #window: number

  constructor(socket: Socket, { protocolVersion = 4, properties }: IConnectPacket) {
    this.#socket = socket
    this.#level = protocolVersion
    this.#window = properties?.receiveMaximum ?? 65_535
  }

  get isBusy(): boolean {
    return this.inflight.size >= this.#window
  }

  deliver(delivery: Delivery): void {
    this.queued.push(delivery)
    this.send()
  }

  acknowledged(id: number): void {
    this.inflight.delete(id)
    this.send()
  }

  send(): void {
    while (this.queued[0] && (this.queued[0].qos === 0 || !this.isBusy)) {
      const { topic, payload, qos, share: _, ...rest } = this.queued.shift() as Delivery
      const head = { cmd: 'publish', topic, payload, qos, dup: false, retain: false } as const
      if (qos === 0) {
        this.write(head)
        continue
      }
      while (this.inflight.has(this.#nextId)) this.#nextId = (this.#nextId % 65_535) + 1
      const messageId = this.#nextId
      this.#nextId = (messageId % 65_535) + 1
      this.inflight.set(messageId, { topic, payload, qos, share: _, ...rest })
      this.write({ ...head, messageId })
    }
  }

  write(packet: Packet): void {
    if (this.#socket.writable)
      this.#socket.write(generate(packet, { protocolVersion: this.#level }))
  }
}

/**
 * A small MQTT 5 broker with shared subscriptions. It deals by the hash of the topic, as some large ones can be told to, and
 * gives what a member has not acknowledged to the others when its connection ends.
 */
export class DealingBroker {
  deals: NonNullable<DealingOptions['deals']>
  /** Shared subscriptions of messages that had no member any more. */
  readonly unheard: string[] = []
  readonly #options: DealingOptions
  readonly #server: Server
  readonly #members = new Set<Member>()
  readonly #sockets = new Set<Socket>()
  #turn = 0

  private constructor(options: DealingOptions) {
    this.#options = options
    this.deals = options.deals ?? 'by-topic'
    this.#server = createServer({ noDelay: true }, (socket) => this.#serve(socket))
  }

  static async start(options: DealingOptions = {}): Promise<DealingBroker> {
    const broker = new DealingBroker(options)
    await new Promise<void>((resolve) =>
      broker.#server.listen(options.port ?? 0, '127.0.0.1', resolve),
    )
    return broker
  }

  get url(): string {
    return `mqtt://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** How many share a subscription of this group. */
  membersOf(group: string): number {
    return [...this.#members].filter(({ subscriptions }) =>
      [...subscriptions.keys()].some((filter) => filter.startsWith(`$share/${group}/`)),
    ).length
  }

  /** Ends every connection without a goodbye. */
  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy()
  }

  async close(): Promise<void> {
    this.cut()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket)
    const packets = parser()
    let member: Member | undefined
    packets.on('packet', (packet: Packet) => {
      if (packet.cmd === 'connect') member = this.#connect(socket, packet)
      else if (member) this.#handle(member, packet, socket)
    })
    packets.on('error', () => socket.destroy())
    socket.on('data', (chunk) => packets.parse(chunk))
    socket.on('error', () => {})
    socket.on('close', () => {
      this.#sockets.delete(socket)
      if (member) this.#leave(member)
    })
  }

  #connect(socket: Socket, hello: IConnectPacket): Member | undefined {
    const { isOld = false, shares = true, mostQos, keepaliveS } = this.#options
    const isFive = hello.protocolVersion === 5
    if (isFive && isOld) {
      // As brokers of that time refuse: return code 1 of MQTT 3.1.1.
      socket.end(Buffer.of(0x20, 2, 0, 1))
      return undefined
    }
    const member = new Member(socket, hello)
    this.#members.add(member)
    const properties = {
      sharedSubscriptionAvailable: shares,
      ...(mostQos !== undefined && { maximumQoS: mostQos }),
      ...(keepaliveS !== undefined && { serverKeepAlive: keepaliveS }),
    }
    if (keepaliveS !== undefined && isFive) {
      // Only what comes counts: what is sent to somebody who sleeps fills the buffers of the system.
      const silent = setTimeout(() => socket.destroy(), keepaliveS * 1500)
      socket.on('data', () => silent.refresh())
      socket.once('close', () => clearTimeout(silent))
    }
    const ok = { cmd: 'connack', sessionPresent: false } as const
    member.write(isFive ? { ...ok, reasonCode: 0, properties } : { ...ok, returnCode: 0 })
    return member
  }

  #handle(member: Member, packet: Packet, socket: Socket): void {
    switch (packet.cmd) {
      case 'publish':
        if (packet.qos === 1) member.write({ cmd: 'puback', messageId: packet.messageId ?? 0 })
        this.#publish(packet)
        break
      case 'puback':
        member.acknowledged(packet.messageId ?? 0)
        break
      case 'subscribe': {
        for (const { topic, qos } of packet.subscriptions) {
          const inner = /^\$share\/[^/]+\/(.*)$/.exec(topic)?.[1]
          member.subscriptions.set(topic, {
            matches: topicMatcher(inner ?? topic),
            qos: qos === 0 ? 0 : 1,
            share: inner === undefined ? undefined : topic,
          })
        }
        const granted = packet.subscriptions.map(({ qos }) => Math.min(1, qos))
        member.write({ cmd: 'suback', messageId: packet.messageId ?? 0, granted })
        break
      }
      case 'unsubscribe':
        for (const topic of packet.unsubscriptions) member.subscriptions.delete(topic)
        member.write({
          cmd: 'unsuback',
          messageId: packet.messageId ?? 0,
          granted: packet.unsubscriptions.map(() => 0),
        })
        break
      case 'pingreq':
        member.write({ cmd: 'pingresp' })
        break
      case 'disconnect':
        socket.end()
        break
    }
  }

  #publish({ topic, payload, qos }: IPublishPacket): void {
    const shares = new Set<string>()
    for (const member of this.#members) {
      for (const each of member.subscriptions.values()) {
        if (!each.matches(topic)) continue
        if (each.share !== undefined) shares.add(each.share)
        else member.deliver({ topic, payload, qos: lower(qos, each.qos), share: undefined })
      }
    }
    for (const share of shares) this.#deal(share, { topic, payload, qos: lower(qos, 1), share })
  }

  #deal(share: string, delivery: Delivery): void {
    const members = [...this.#members].filter(({ subscriptions }) => subscriptions.has(share))
    const member = members[this.#choice(members, delivery.topic)]
    if (member) member.deliver(delivery)
    else this.unheard.push(share)
  }

  #choice(members: readonly Member[], topic: string): number {
    if (this.deals === 'in-turn') return this.#turn++ % members.length
    if (this.deals === 'whoever-is-free') {
      return Math.max(
        0,
        members.findIndex(({ isBusy, queued }) => !isBusy && queued.length === 0),
      )
    }
    let hash = 0x811c9dc5
    for (const byte of Buffer.from(topic)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
    return hash % members.length
  }

  /** What it has not acknowledged comes before whatever is published from now on. */
  #leave(member: Member): void {
    this.#members.delete(member)
    for (const delivery of [...member.inflight.values(), ...member.queued])
      if (delivery.share !== undefined) this.#deal(delivery.share, delivery)
  }
}

const lower = (a: number, b: number): 0 | 1 => (Math.min(a, b) === 0 ? 0 : 1)
