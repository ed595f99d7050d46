export type Framing = 'cobs' | 'slip' | 'length' | 'hex'
export type Crc = 'crc32' | 'crc16' | 'none'

/** How frames sit on a byte stream; both directions use it. */
export interface LineFormat {
  readonly framing: Framing
  readonly crc: Crc
  /** One address byte before the ALEC frame, covered by the CRC (several nodes on one line). */
  readonly address: 'none' | 'byte'
  /** Longest accepted frame on the wire after unstuffing, in bytes (address, frame and CRC). */
  readonly maxFrame: number
}
