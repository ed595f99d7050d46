/** Value encodings of the standard frame; the compact frame's four codes map onto them. */
export const Encoding = {
  raw64: 0x00,
  raw32: 0x01,
  delta8: 0x10,
  delta16: 0x11,
  delta32: 0x12,
  pattern: 0x20,
  patternDelta: 0x21,
  repeated: 0x30,
  interpolated: 0x31,
  multi: 0x40,
} as const

export type EncodingName = keyof typeof Encoding
