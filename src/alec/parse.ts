import { parseCompact } from './compact-frame.js'
import { familyFault, frameFamily } from './family.js'
import { type Fault, faultOf } from './fault.js'
import type { FrameShape, ParsedFrame } from './parsed-frame.js'
import { parseStandard } from './standard-frame.js'

/**
 * Takes one frame apart into `into`, whole or not at all: on a fault `into.count` is 0 and the rest of it
 * means nothing. Needs no context and changes none. Allocates nothing on success.
 */
export function parseFrame(
  bytes: Uint8Array,
  shape: FrameShape,
  into: ParsedFrame,
): Fault | undefined {
  into.count = 0
  if (bytes.length === 0)
    return faultOf('empty', 0, `no bytes; a ${shape.family} frame was expected`)
  const first = bytes[0]!
  if (frameFamily(first) !== shape.family) return familyFault(first, shape.family)
  return shape.family === 'compact'
    ? parseCompact(bytes, shape.channels, into)
    : parseStandard(bytes, shape.checksum, into)
}
