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

const names = new Map<number, EncodingName>(
  (Object.keys(Encoding) as EncodingName[]).map((name) => [Encoding[name], name]),
)

/** The name of an encoding's code; undefined for a code that the protocol does not know. */
export const encodingName = (code: number): EncodingName | undefined => names.get(code)

/** `valueLength` of a code whose value is not a fixed number of bytes: a pattern, a multi frame, an unknown one. */
export const variableLength = -1

/** How many bytes the value of each encoding takes, by code. */
export const valueLength = new Int8Array(256).fill(variableLength)
valueLength[Encoding.raw64] = 8
valueLength[Encoding.raw32] = 4
valueLength[Encoding.delta8] = 1
valueLength[Encoding.delta16] = 2
valueLength[Encoding.delta32] = 4
valueLength[Encoding.repeated] = 0
valueLength[Encoding.interpolated] = 0
