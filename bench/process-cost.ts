import { readFileSync, writeFileSync } from 'node:fs'

/** The kernel counts in hundredths of a second, whatever it is built with. */
const TICK_MS = 10

/** Processor time that a process has used so far in all its threads, in milliseconds. */
export function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The name of the program, in brackets, may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS
}

/** Processor time that everything on this machine has used so far, in milliseconds. */
export function machineMs(): number {
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = (
    /^cpu +(.*)$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1] ?? ''
  )
    .split(' ')
    .map(Number)
  return (user + nice + system + irq + softirq + steal) * TICK_MS
}

/** What of a process is in memory, in MiB. */
export function residentMiB(pid: number): number {
  const kib = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kib ?? 0) / 1024
}

/** The most of a process that was in memory since this was asked last, in MiB. */
export function takePeakMiB(pid: number): number {
  const kib = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  // The kernel forgets the peak.
  writeFileSync(`/proc/${pid}/clear_refs`, '5')
  return Number(kib ?? 0) / 1024
}
