/**
 * The four framings and both CRCs once more, on whole recordings and as plainly as their definitions put
 * them: opponents for the framer that share no code with it. `undefined`: not a frame.
 */

export function naiveUnstuffCobs(packet: readonly number[]): number[] | undefined {
  const out: number[] = []
  let rest = packet
  while (rest.length > 0) {
    const [code, ...tail] = rest as [number, ...number[]]
    if (tail.length < code - 1) return undefined
    out.push(...tail.slice(0, code - 1))
    rest = tail.slice(code - 1)
    if (code < 255 && rest.length > 0) out.push(0)
  }
  return out
}

export function naiveStuffCobs(bytes: readonly number[]): number[] {
  const out: number[] = []
  let rest = [...bytes, 0]
  while (rest.length > 0) {
    const zero = rest.indexOf(0)
    const run = rest.slice(0, Math.min(zero, 254))
    out.push(run.length + 1, ...run)
    rest = rest.slice(run.length < 254 ? run.length + 1 : 254)
    // A full block at the very end has already said all there is.
    if (run.length === 254 && rest.length === 1) break
  }
  return [...out, 0]
}

export function naiveUnstuffSlip(packet: readonly number[]): number[] | undefined {
  const text = packet.map((byte) => String.fromCharCode(byte)).join('')
  if (/\xdb(?![\xdc\xdd])/.test(text)) return undefined
  const bytes = text.replace(/\xdb[\xdc\xdd]/g, (pair) => (pair === '\xdb\xdc' ? '\xc0' : '\xdb'))
  return [...bytes].map((character) => character.charCodeAt(0))
}

export function naiveUnstuffHex(line: readonly number[]): number[] | undefined {
  const text = line.map((byte) => String.fromCharCode(byte)).join('')
  if (!/^[ \t]*([0-9a-f]{2}[ \t]*)*$/i.test(text)) return undefined
  return (text.match(/[0-9a-f]{2}/gi) ?? []).map((pair) => Number.parseInt(pair, 16))
}

/** What lies between the delimiters; the part before the first and the part after the last are no packets. */
export function packetsBetween(bytes: Uint8Array, delimiters: readonly number[]): number[][] {
  const packets: number[][] = [[]]
  for (const byte of bytes) {
    if (delimiters.includes(byte)) packets.push([])
    else packets.at(-1)!.push(byte)
  }
  return packets.slice(1, -1)
}

/** Frames of a recording with length prefixes: where length and CRC agree a frame is taken, else a byte skipped. */
export function naiveCutByLength(
  bytes: Uint8Array,
  crc: 'crc32' | 'crc16',
  longest: number,
): number[][] {
  const size = crc === 'crc32' ? 4 : 2
  const frames: number[][] = []
  for (let at = 0; at + 2 <= bytes.length; ) {
    const length = 256 * bytes[at]! + bytes[at + 1]!
    const covered = [...bytes.subarray(at + 2, at + 2 + length - size)]
    const tail = [...bytes.subarray(at + 2 + length - size, at + 2 + length)]
    const plausible = length > size && length <= longest && at + 2 + length <= bytes.length
    if (plausible && naiveCrc(crc, covered) === tail.reduce((sum, byte) => 256 * sum + byte, 0)) {
      frames.push(covered)
      at += 2 + length
    } else at++
  }
  return frames
}

export function naiveCrc(crc: 'crc32' | 'crc16', bytes: readonly number[]): number {
  if (crc === 'crc16') {
    let register = 0xffff
    for (const byte of bytes) {
      register ^= byte << 8
      for (let bit = 0; bit < 8; bit++) {
        register = ((register << 1) ^ (register & 0x8000 ? 0x1021 : 0)) & 0xffff
      }
    }
    return register
  }
  let register = 0xffffffff
  for (const byte of bytes) {
    register ^= byte
    for (let bit = 0; bit < 8; bit++) {
      register = (register >>> 1) ^ (register & 1 ? 0xedb88320 : 0)
    }
  }
  return ~register >>> 0
}
