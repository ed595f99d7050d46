import { readdirSync } from 'node:fs'
import { getHeapStatistics } from 'node:v8'
import type { Family } from './family.js'

const MICROSECONDS = 1e6

/** The process, under the names that every exporter has for it. `startedAt`: Unix milliseconds. */
export function processFamilies(startedAt: number): Family[] {
  const one = (name: string, type: Family['type'], help: string, read: () => number): Family => ({
    name,
    help,
    type,
    read: () => {
      const value = read()
      return Number.isNaN(value) ? [] : [[value]]
    },
  })
  return [
    one('process_cpu_seconds_total', 'counter', 'Processor time of this process.', () => {
      const { user, system } = process.cpuUsage()
      return (user + system) / MICROSECONDS
    }),
    one('process_resident_memory_bytes', 'gauge', 'Memory that this process takes.', () =>
      process.memoryUsage.rss(),
    ),
    one('process_start_time_seconds', 'gauge', 'When this process was started.', () =>
      Math.round(startedAt / 1000),
    ),
    one('process_open_fds', 'gauge', 'Files and sockets that this process has open.', openFiles),
    one(
      'heap_used_bytes',
      'gauge',
      'Memory of the program itself.',
      () => getHeapStatistics().used_heap_size,
    ),
    one(
      'heap_limit_bytes',
      'gauge',
      'What the memory of the program may grow to before the process ends.',
      () => getHeapStatistics().heap_size_limit,
    ),
  ]
}

/** NaN where the system does not say. */
function openFiles(): number {
  try {
    return readdirSync('/proc/self/fd').length
  } catch {
    return Number.NaN
  }
}
