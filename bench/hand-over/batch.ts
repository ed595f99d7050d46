import type { Frame } from '../../src/framing/index.js'

/** Before the bytes of each frame: device, length, mono, wall. */
const HEAD = 2 + 2 + 8 + 8
/** Before each document: the device of its topic, length. */
const DOCUMENT_HEAD = 4

/** Frames in one piece of memory, as it can be handed to another thread without a copy. */
export function packFrames(frames: readonly Frame[], indexOf: ReadonlyMap<string, number>) {
  const size = frames.reduce((sum, { bytes }) => sum + HEAD + bytes.length, 0)
  const out = new Uint8Array(size)
  const view = new DataView(out.buffer)
  let at = 0
  for (const { device, bytes, mono, wall } of frames) {
    view.setUint16(at, indexOf.get(device) ?? 0)
    view.setUint16(at + 2, bytes.length)
    view.setFloat64(at + 4, mono)
    view.setFloat64(at + 12, wall)
    out.set(bytes, at + HEAD)
    at += HEAD + bytes.length
  }
  return out
}

export function unpackFrames(packed: Uint8Array, devices: readonly string[]): Frame[] {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength)
  const frames: Frame[] = []
  for (let at = 0; at < packed.length; ) {
    const end = at + HEAD + view.getUint16(at + 2)
    frames.push({
      device: devices[view.getUint16(at)] ?? '',
      bytes: packed.subarray(at + HEAD, end),
      mono: view.getFloat64(at + 4),
      wall: view.getFloat64(at + 12),
      integrity: 'crc32',
      source: 'line-1',
    })
    at = end
  }
  return frames
}

/** One document for each frame, in their order. */
export function packDocuments(frames: readonly Frame[], document: Uint8Array, indexes: number[]) {
  const each = DOCUMENT_HEAD + document.length
  const out = new Uint8Array(frames.length * each)
  const view = new DataView(out.buffer)
  for (let n = 0; n < frames.length; n++) {
    view.setUint16(n * each, indexes[n % indexes.length] ?? 0)
    view.setUint16(n * each + 2, document.length)
    out.set(document, n * each + DOCUMENT_HEAD)
  }
  return out
}

/** Calls `publish` with each topic and payload. */
export function unpackDocuments(
  packed: Uint8Array,
  topics: readonly string[],
  publish: (topic: string, payload: Uint8Array) => void,
): void {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength)
  for (let at = 0; at < packed.length; ) {
    const end = at + DOCUMENT_HEAD + view.getUint16(at + 2)
    publish(topics[view.getUint16(at)] ?? '', packed.subarray(at + DOCUMENT_HEAD, end))
    at = end
  }
}
