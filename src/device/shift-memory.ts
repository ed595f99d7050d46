import type { Circuit } from '../resilience/index.js'
import type { SessionMemory } from './session-memory.js'
import type { StreamMemory } from './stream-memory.js'

/**
 * What takes times of another bridge's clock to ours: whole milliseconds to add. No two clocks agree, so how much time
 * has passed is known only as a range; a time that lies behind us goes by the longest of it, so that no silence seems
 * shorter than it was, and one until which something holds by the shortest, so that it does not end too early.
 */
export interface TimeShift {
  readonly past: number
  readonly until: number
}

/** The same memory in our time. */
export function shiftMemory(memory: SessionMemory, shift: TimeShift): SessionMemory {
  return {
    ...memory,
    stream: shiftStream(memory.stream, shift),
    held: memory.held.map((held) => ({ ...held, mono: held.mono + shift.past })),
    circuit: shiftCircuit(memory.circuit, shift),
    ...(memory.peer && { peer: shiftPeer(memory.peer, shift) }),
    lastMono: memory.lastMono + shift.past,
  }
}

function shiftStream(stream: StreamMemory, { past, until }: TimeShift): StreamMemory {
  const { position, delays } = stream
  return {
    ...stream,
    lastMono: stream.lastMono + past,
    position:
      position?.sequence === null
        ? { ...position, importedAt: position.importedAt + past }
        : position,
    ...(delays && {
      delays: {
        ...delays,
        // A flag, then a sequence and its time, again and again.
        ...(delays.stragglers && {
          stragglers: delays.stragglers.map((value, i) =>
            i > 0 && i % 2 === 0 ? value + until : value,
          ),
        }),
        // The last number of another start, until when it may come, and when a frame came: each later means more doubt.
        ...(delays.hidden?.[0] && {
          hidden: delays.hidden.map((value, i) => (i > 0 ? value + until : value)),
        }),
        // Its length, the last sequence, and when that came.
        ...(delays.lateRun && {
          lateRun: delays.lateRun.map((value, i) => (i === 2 ? value + past : value)),
        }),
      },
    }),
  }
}

/** Its first number is the second until which it counts. */
const shiftPeer = ([second = 0, ...rest]: readonly number[], { until }: TimeShift) => [
  Math.ceil(second + until / 1000),
  ...rest,
]

function shiftCircuit(circuit: Circuit, { past, until }: TimeShift): Circuit {
  switch (circuit.state) {
    case 'closed':
      return { ...circuit, since: circuit.since + past }
    case 'open':
      return { ...circuit, since: circuit.since + past, until: circuit.until + until }
    case 'half-open':
      return {
        ...circuit,
        since: circuit.since + past,
        probedAt: circuit.probedAt + past,
      }
  }
}
