/** The control packet types of MQTT that tests look for. */
export const packetType = Object.freeze({
  connect: 1,
  connack: 2,
  publish: 3,
  puback: 4,
  subscribe: 8,
  pingreq: 12,
  disconnect: 14,
})

export interface Packet {
  readonly type: number
  readonly flags: number
  /** What follows the fixed header. */
  readonly body: Buffer
  /** All of it, as it came. */
  readonly bytes: Buffer
}

/** Cuts a connection's bytes into MQTT packets. */
export class PacketCutter {
  readonly #onPacket: (packet: Packet) => void
  #rest: Buffer = Buffer.alloc(0)

  constructor(onPacket: (packet: Packet) => void) {
    this.#onPacket = onPacket
  }

  push(chunk: Buffer): void {
    let bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk
    for (;;) {
      const length = varint(bytes, 1)
      if (!length || bytes.length < length.end + length.value) break
      const end = length.end + length.value
      const head = bytes[0] ?? 0
      this.#onPacket({
        type: head >> 4,
        flags: head & 0x0f,
        body: bytes.subarray(length.end, end),
        bytes: bytes.subarray(0, end),
      })
      bytes = bytes.subarray(end)
    }
    this.#rest = bytes
  }
}

/** A variable byte integer of MQTT; undefined where it is not all there. */
export function varint(bytes: Buffer, start: number): { value: number; end: number } | undefined {
  let value = 0
  for (let at = start; at < Math.min(bytes.length, start + 4); at++) {
    const byte = bytes[at] ?? 0
    value += (byte & 0x7f) * 128 ** (at - start)
    if (byte < 0x80) return { value, end: at + 1 }
  }
  return undefined
}
