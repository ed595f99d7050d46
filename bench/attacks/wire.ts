/** MQTT 3.1.1 packets as they are on the wire, right or wrong: a client that can be made to misbehave. */

export interface Connect {
  readonly clientId?: string | Uint8Array
  readonly user?: string | Uint8Array
  readonly password?: string
  readonly keepalive?: number
  readonly clean?: boolean
  readonly will?: {
    readonly topic: string | Uint8Array
    readonly payload: Uint8Array
    readonly retain?: boolean
  }
  /** 4 = 3.1.1, 5 = 5. */
  readonly level?: number
  /** Of MQTT 5. */
  readonly properties?: Uint8Array
}

/** A packet of this type and flags around a body. */
export const packet = (head: number, ...body: readonly Uint8Array[]): Buffer => {
  const bytes = Buffer.concat(body)
  return Buffer.concat([Buffer.of(head), remainingLength(bytes.length), bytes])
}

export function remainingLength(length: number): Buffer {
  const bytes: number[] = []
  let left = length
  do {
    const low = left % 128
    left = Math.floor(left / 128)
    bytes.push(left > 0 ? low | 0x80 : low)
  } while (left > 0)
  return Buffer.from(bytes)
}

/** Bytes with their length before them, two bytes of it. */
export function prefixed(text: string | Uint8Array): Buffer {
  const bytes = Buffer.from(text)
  return Buffer.concat([Buffer.of((bytes.length >> 8) & 0xff, bytes.length & 0xff), bytes])
}

const u16 = (value: number): Buffer => Buffer.of((value >> 8) & 0xff, value & 0xff)

export function connectPacket(options: Connect = {}): Buffer {
  const { clientId = '', user, password, keepalive = 60, clean = true, will, level = 4 } = options
  const flags =
    (clean ? 2 : 0) |
    (will ? 4 | (will.retain ? 0x20 : 0) : 0) |
    (password === undefined ? 0 : 0x40) |
    (user === undefined ? 0 : 0x80)
  const body = [prefixed('MQTT'), Buffer.of(level, flags), u16(keepalive)]
  if (level === 5) {
    const properties = options.properties ?? new Uint8Array()
    body.push(remainingLength(properties.length), Buffer.from(properties))
  }
  body.push(prefixed(clientId))
  if (will) body.push(prefixed(will.topic), prefixed(will.payload))
  if (user !== undefined) body.push(prefixed(user))
  if (password !== undefined) body.push(prefixed(password))
  return packet(0x10, ...body)
}

export interface Publish {
  readonly qos?: 0 | 1 | 2
  readonly retain?: boolean
  readonly id?: number
}

export function publishPacket(
  topic: string | Uint8Array,
  payload: string | Uint8Array,
  { qos = 0, retain = false, id = 1 }: Publish = {},
): Buffer {
  const head = 0x30 | (qos << 1) | (retain ? 1 : 0)
  return packet(head, prefixed(topic), ...(qos > 0 ? [u16(id)] : []), Buffer.from(payload))
}

export const subscribePacket = (filter: string | Uint8Array, qos = 1, id = 1): Buffer =>
  packet(0x82, u16(id), prefixed(filter), Buffer.of(qos))

export const unsubscribePacket = (filter: string, id = 1): Buffer =>
  packet(0xa2, u16(id), prefixed(filter))

export const pubrelPacket = (id: number): Buffer => packet(0x62, u16(id))
export const pubackPacket = (id: number): Buffer => packet(0x40, u16(id))
export const PINGREQ = Buffer.of(0xc0, 0)
export const DISCONNECT = Buffer.of(0xe0, 0)
