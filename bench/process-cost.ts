import { readFileSync } from 'node:fs'

/** The kernel counts in hundredths of a second, whatever it is built with. */
const TICK_MS = 10

/** Processor time that a process has used so far in all its threads, in milliseconds. */
export function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The name of the program, in brackets, may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS
}
