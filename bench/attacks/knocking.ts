import { connect } from 'node:net'
import type { Target } from './attacks.js'
import { Turns } from './turns.js'

/** Connections at a time. */
const ABREAST = 8

/**
 * Opens connections and gives each up as soon as it is open, without a word: what the other side answers slows nothing down.
 * Goes on while more are `wanted`, at most `perSecond`; returns how many it opened.
 */
export async function knock(
  { port }: Target,
  wanted: () => boolean,
  perSecond?: number,
): Promise<number> {
  const turns = new Turns(perSecond)
  const hand = async () => {
    while (wanted()) {
      await turns.next()
      await new Promise<void>((resolve) => {
        const socket = connect(port, '127.0.0.1', () => socket.destroy())
        socket.on('error', () => {})
        socket.once('close', () => resolve())
      })
    }
  }
  await Promise.all(Array.from({ length: ABREAST }, hand))
  return turns.taken
}
