import type { Integrity } from '../framing/index.js'

// A record, integers big-endian:
//
//   length u32 of all behind the checksum · CRC-32 (ISO-HDLC) u32 of all behind it ·
//   ordinal u64 · kind u8 · mono f64 · wall f64 · body
//
// Bodies: a frame is device u32 · source u32 · integrity u8 · bytes; a name is what it names u8 · id u32 · UTF-8;
// a checkpoint is an ordinal f64; the others are JSON. Names and checkpoints are no entries: they carry the ordinal of
// the entry before them.

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

export const KIND = Object.freeze({ frame: 1, name: 2, state: 3, dropped: 4, checkpoint: 5 })

export const NAME_OF = Object.freeze({ device: 0, source: 1 })

/** By their number in a frame's record: only ever added to at the end. */
export const INTEGRITIES: readonly Integrity[] = ['none', 'crc16', 'crc32', 'mqtt']
