import { constants, setPriority } from 'node:os'
import type { Command } from './attacker.js'
import { attack } from './onslaught.js'

/**
 * An attacker has a machine of its own; this one has to share that of its victim, and waits for everybody else there. What it sends
 * is dealt with by the system and the victim all the same. Started by `Attacker.start`; it ends with its parent.
 */
setPriority(constants.priority.PRIORITY_LOW)
process.on('disconnect', () => process.exit())
process.on('message', ({ target, order }: Command) => {
  void attack(target, order).then((aftermath) => process.send?.(aftermath))
})
