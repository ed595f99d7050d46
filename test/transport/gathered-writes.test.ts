import type { Socket } from 'node:net'
import { Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { gatherWrites } from '../../src/transport/gathered-writes.js'

/** A stream that remembers what reached the system, and in how many pieces. */
function socketWith() {
  const pieces: string[] = []
  const socket = new Writable({
    write: (chunk, _encoding, done) => {
      pieces.push(String(chunk))
      done()
    },
    writev: (chunks, done) => {
      pieces.push(chunks.map(({ chunk }) => String(chunk)).join(''))
      done()
    },
  })
  gatherWrites(socket as unknown as Socket)
  /** As the encoder of the broker writes a packet. */
  const packet = (...parts: string[]) => {
    socket.cork()
    process.nextTick(() => socket.uncork())
    return parts.map((part) => socket.write(part)).at(-1)
  }
  return { socket, pieces, packet, turn: () => new Promise(setImmediate) }
}

describe('writes that are gathered', () => {
  it('leave in one piece, as far as they come in one turn', async () => {
    const { pieces, packet, turn } = socketWith()
    packet('a', 'b')
    await new Promise(process.nextTick)
    packet('c')
    await Promise.resolve()
    expect(pieces).toEqual([])
    await turn()
    expect(pieces).toEqual(['abc'])
    packet('d')
    await turn()
    expect(pieces).toEqual(['abc', 'd'])
  })

  it('do not wait for the end of the turn where they are many, and never ask anybody to wait', async () => {
    const { pieces, packet, turn } = socketWith()
    const long = 'x'.repeat(3000)
    for (let n = 0; n < 10; n++) {
      expect(packet(long)).toBe(true)
      await new Promise(process.nextTick)
    }
    expect(pieces.length).toBe(3)
    await turn()
    expect(pieces.join('')).toBe(long.repeat(10))
  })

  it('leave before the end that follows them', async () => {
    const { socket, pieces, packet } = socketWith()
    packet('last words')
    const finished = new Promise<void>((resolve) => socket.once('finish', () => resolve()))
    socket.end('goodbye')
    await finished
    expect(pieces.join('')).toBe('last wordsgoodbye')
  })

  it('are forgotten where the connection is destroyed first', async () => {
    const { socket, pieces, packet, turn } = socketWith()
    packet('too late')
    socket.destroy()
    await turn()
    expect(pieces).toEqual([])
  })
})
