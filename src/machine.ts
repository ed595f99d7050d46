import { existsSync, readFileSync } from 'node:fs'
import { uptime } from 'node:os'
import { isClockSet } from './clock.js'
import type { Machine } from './control/index.js'

const BOOT_ID = '/proc/sys/kernel/random/boot_id'
/** Any of these says that the wall clock does not begin anew when the machine does. */
const CLOCK_KEEPERS = ['/dev/rtc0', '/sys/class/rtc/rtc0', '/run/systemd/timesync/synchronized']

/** This machine; what it does not tell (another system than Linux) is unknown. */
export function thisMachine(wall: () => number): Machine {
  return {
    bootId: bootId(),
    // A container may be shown its own age for the machine's; the other count does not know of sleep.
    uptimeMs: () => Math.max(uptime() * 1000, Number(process.hrtime.bigint()) / 1e6),
    wallTrusted: () => isClockSet(wall()) && CLOCK_KEEPERS.some((path) => existsSync(path)),
  }
}

function bootId(): string {
  try {
    return readFileSync(BOOT_ID, 'utf8').trim()
  } catch {
    return ''
  }
}
