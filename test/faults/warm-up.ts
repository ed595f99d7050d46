import type { Ledger } from './ledger.js'
import { HELD_UP, type MeasuredNode } from './measured-node.js'
import { pause } from './pace.js'

const TICK_MS = 20
const MOST_FRAMES = 1000

/**
 * Lets nodes send until all are known well, and begins to judge from there: they send more often than their model says, and
 * their first frames prove little because of that.
 */
export async function warmUp(
  nodes: readonly MeasuredNode[],
  ledger: Ledger,
  send: (node: MeasuredNode) => void,
): Promise<void> {
  for (let frame = 0; frame < HELD_UP || !ledger.allGood; frame++) {
    if (frame > MOST_FRAMES) throw new Error(`not all are good after ${MOST_FRAMES} frames`)
    for (const node of nodes) send(node)
    await pause(TICK_MS)
  }
  ledger.begin()
}
