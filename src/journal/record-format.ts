import type { Integrity } from '../framing/index.js'

// A record, integers big-endian:
//
//   length u32 of all behind the checksum · CRC-32 (ISO-HDLC) u32 of all behind it ·
//   ordinal u64 · kind u8 · mono f64 · wall f64 · body
//
// Bodies: a frame is integrity u8 · device: length u8 and UTF-8 · source: the same · bytes; a checkpoint is an ordinal
// f64; the others are JSON. Every record is whole in itself, so that damage costs no more than what it hit. A
// checkpoint is no entry: it carries the ordinal of the entry before it.

/** Offsets in a record's head. */
export const HEAD = Object.freeze({
  crc: 4,
  checked: 8,
  ordinal: 8,
  kind: 16,
  mono: 17,
  wall: 25,
  length: 33,
})

export const KIND = Object.freeze({ frame: 1, state: 2, dropped: 3, checkpoint: 4, order: 5 })

/** By their number in a frame's record: only ever added to at the end. */
export const INTEGRITIES: readonly Integrity[] = ['none', 'crc16', 'crc32', 'mqtt']

/** Longest name in a frame's record, in bytes. */
export const LONGEST_NAME = 255
