import type { NodeFrame } from '../../firmware-sim/index.js'

interface Sent {
  readonly frame: NodeFrame
  /** The wire changed at least one of its bytes. */
  readonly damaged: boolean
}

/** Remembers what was sent, in order, until it has come out or something sent later has. */
export class SentFrames {
  damaged = 0
  /** Whole on the wire, and never came out. */
  lostWhole = 0
  /** The most of these in a row. */
  longestLoss = 0
  #waiting: Sent[] = []
  #lossRun = 0

  add(frame: NodeFrame, damaged: boolean): void {
    if (damaged) this.damaged++
    this.#waiting.push({ frame, damaged })
  }

  /** The frame that came out as `bytes`; undefined where nobody sent it. */
  find(bytes: Uint8Array): NodeFrame | undefined {
    const index = this.#waiting.findIndex(({ frame }) => areEqual(frame.bytes, bytes))
    if (index < 0) return undefined
    this.#lose(this.#waiting.slice(0, index))
    const found = this.#waiting[index]?.frame
    this.#waiting = this.#waiting.slice(index + 1)
    this.#lossRun = 0
    return found
  }

  /** What is most likely the origin of a frame that nobody sent. */
  get lastDamaged(): NodeFrame | undefined {
    return this.#waiting.findLast(({ damaged }) => damaged)?.frame
  }

  /** Nothing more will come. */
  end(): void {
    this.#lose(this.#waiting)
    this.#waiting = []
  }

  #lose(missing: readonly Sent[]): void {
    for (const { damaged } of missing) {
      if (damaged) {
        this.#lossRun = 0
        continue
      }
      this.lostWhole++
      this.#lossRun++
      this.longestLoss = Math.max(this.longestLoss, this.#lossRun)
    }
  }
}

const areEqual = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, i) => byte === b[i])
