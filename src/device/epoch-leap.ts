import type { SessionMemory } from './session-memory.js'

/** Of what is kept of a recent frame: its sequence, its hash, its epoch. */
const FIELDS = 3
const EPOCH = 2

/** What is known of a device, in an epoch that is so much later; its stream goes on, and so do its numbers. */
export function leapt(memory: SessionMemory, epochs: number): SessionMemory {
  const { stream } = memory
  const { epoch } = stream
  // Its recent frames stay those of the epoch that goes on.
  const recent = stream.recent.map((value, i) =>
    i % FIELDS === EPOCH && value === epoch ? epoch + epochs : value,
  )
  return { ...memory, stream: { ...stream, epoch: epoch + epochs, recent } }
}
