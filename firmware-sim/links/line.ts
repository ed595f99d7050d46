import { Framer, type LineFormat, wrapFrame } from '../../src/framing/index.js'
import type { LineFaults } from '../faults/index.js'
import { LinkTally, type OnDownlink } from './link.js'

/** A device on a line. */
export interface LineNode {
  readonly device: string
  /** 0 to 255 where the line has addresses, else -1. */
  readonly address: number
  /** What the wire does to what this device sends; its own, so that no neighbour changes it. */
  readonly faults?: LineFaults
}

/** A serial line's format and nodes, whatever carries its bytes. */
export class Line {
  readonly id: string
  readonly tally = new LinkTally()
  readonly #format: LineFormat
  readonly #byDevice: ReadonlyMap<string, LineNode>
  readonly #byAddress: ReadonlyMap<number, LineNode>

  constructor(id: string, format: LineFormat, nodes: readonly LineNode[]) {
    this.id = id
    this.#format = format
    this.#byDevice = new Map(nodes.map((node) => [node.device, node]))
    this.#byAddress = new Map(nodes.map((node) => [node.address, node]))
  }

  /** The bytes that come out of the wire for a frame; undefined where the device is not on this line. */
  wrap(device: string, frame: Uint8Array): Uint8Array | undefined {
    const node = this.#byDevice.get(device)
    if (!node) return undefined
    const bytes = wrapFrame(this.#format, frame, node.address)
    return node.faults ? node.faults.apply(bytes) : bytes
  }

  /** Sends by `write`, which says whether the bytes went; counts what became of them. */
  send(device: string, frame: Uint8Array, write: (bytes: Uint8Array) => boolean): void {
    const bytes = this.wrap(device, frame)
    if (!bytes || !write(bytes)) {
      this.tally.unsent++
      return
    }
    this.tally.framesSent++
    this.tally.bytesSent += bytes.length
  }

  /** Cuts one connection's bytes from the bridge into downlinks; a new connection needs a new one. */
  receiver(onDownlink: OnDownlink): Framer {
    return new Framer(this.#format, (bytes, address) => {
      const node = this.#byAddress.get(address)
      if (!node) {
        this.tally.strayDownlinks++
        return
      }
      this.tally.downlinks++
      onDownlink(node.device, bytes)
    })
  }
}
