import { existsSync, readFileSync } from 'node:fs'
import { uptime } from 'node:os'
import type { Machine } from './control/index.js'

const BOOT_ID = '/proc/sys/kernel/random/boot_id'
/** Any of these says that the wall clock does not begin anew when the machine does. */
const CLOCK_KEEPERS = ['/dev/rtc0', '/sys/class/rtc/rtc0', '/run/systemd/timesync/synchronized']
/** Before this year a clock has not been set. */
const CLOCK_SET = Date.UTC(2024, 0, 1)

/** This machine; what it does not tell (another system than Linux) is unknown. */
export function thisMachine(wall: () => number): Machine {
  return {
    bootId: bootId(),
    uptimeMs: () => uptime() * 1000,
    wallTrusted: () => wall() >= CLOCK_SET && CLOCK_KEEPERS.some((path) => existsSync(path)),
  }
}

function bootId(): string {
  try {
    return readFileSync(BOOT_ID, 'utf8').trim()
  } catch {
    return ''
  }
}
