import { readFileSync } from 'node:fs'
import type { BridgeProcess } from './bridge-process.js'
import { pause } from './pace.js'

/** Resident memory of a process, in MiB. */
export function residentMiB(pid: number | undefined): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024
}

/** Lets a process collect its garbage when it is asked to: arguments for the engine. */
export const COLLECTS_ON_REQUEST: readonly string[] = [
  '--expose-gc',
  '--import',
  "data:text/javascript,process.on('SIGUSR2',()=>gc())",
]

/** What a process that collects on request cannot do without, in MiB: the engine lets garbage lie for a million frames. */
export async function neededMiB(bridge: BridgeProcess): Promise<number> {
  for (let collection = 0; collection < 3; collection++) {
    bridge.signal('SIGUSR2')
    await pause(300)
  }
  return residentMiB(bridge.pid)
}
