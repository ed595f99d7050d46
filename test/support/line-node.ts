import { Framer, type LineFormat, wrapFrame } from '../../src/framing/index.js'

/** The firmware at the other end of a line: wraps its frames, unwraps what it is sent. */
export class LineNode {
  /** Downlinks that came whole, with the address they were sent to, -1 where there is none. */
  readonly downlinks: { readonly bytes: Uint8Array; readonly address: number }[] = []
  readonly #format: LineFormat
  readonly #write: (bytes: Uint8Array) => void
  readonly #framer: Framer

  constructor(format: LineFormat, write: (bytes: Uint8Array) => void) {
    this.#format = format
    this.#write = write
    this.#framer = new Framer(format, (bytes, address) => this.downlinks.push({ bytes, address }))
  }

  send(frame: Uint8Array, address = -1): void {
    this.#write(wrapFrame(this.#format, frame, address))
  }

  /** A frame with one bit of its last byte before the delimiter flipped. */
  sendDamaged(frame: Uint8Array, address = -1): void {
    const wire = wrapFrame(this.#format, frame, address)
    wire[wire.length - 2]! ^= 0x01
    this.#write(wire)
  }

  hear(chunk: Uint8Array): void {
    this.#framer.push(chunk)
  }
}
