import type { Frame, UnreadFrame } from '../../src/framing/index.js'
import type { SourceHandlers, SourceState } from '../../src/transport/source.js'

/** Handlers that remember what they were called with. */
export class RecordedHandlers implements SourceHandlers {
  /** Whether frames come in; they are remembered either way. */
  isOpen = true
  /** Whether frames are refused before anything is made of them. */
  isOverdrawn = false
  readonly refused: (UnreadFrame & { readonly device: string })[] = []
  readonly frames: Frame[] = []
  readonly states: SourceState[] = []
  readonly unknown: { readonly id: string; readonly reason: string }[] = []

  onFrame(frame: Frame, taken?: () => void): boolean {
    this.frames.push(frame)
    taken?.()
    return this.isOpen
  }

  refuses(device: string, frame: UnreadFrame): boolean {
    if (this.isOverdrawn) this.refused.push({ device, ...frame })
    return this.isOverdrawn
  }

  onState(state: SourceState): void {
    this.states.push(state)
  }

  onUnknown(id: string, reason: string): void {
    this.unknown.push({ id, reason })
  }

  /** The frames' bytes, in the order they came. */
  get bytes(): readonly Uint8Array[] {
    return this.frames.map((frame) => frame.bytes)
  }

  get calls(): number {
    return this.frames.length + this.states.length + this.unknown.length
  }
}
