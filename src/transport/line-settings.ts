import type { Clock } from '../clock.js'
import type { SerialSourceConfig } from '../config/configuration.js'
import { idleGapMs, type LineFormat, longestFrameMs } from '../framing/index.js'
import type { LineDoor } from './line-door.js'
import { LineError } from './line-error.js'
import type { ReconnectPolicy } from './reconnect-delay.js'
import { serialDoor } from './serial-line.js'
import { finderByMatch, finderByPath } from './serial-port-finder.js'
import { tcpDoor } from './tcp-line.js'

/** What a source of frames needs to know of its line. */
export interface LineSettings {
  readonly door: LineDoor
  readonly format: LineFormat
  /** Device by address byte; a line without addresses has its one device at `NO_ADDRESS`. */
  readonly devices: ReadonlyMap<number, string>
  /** Silence after which an unfinished frame is given up. */
  readonly idleGapMs: number
  /** What the longest frame takes on the line: bytes that have been coming for longer are none. */
  readonly longestFrameMs: number
  /** A read of so many bytes has found the system's buffer full; infinite where the sender waits for us. */
  readonly fullReadBytes: number
  readonly reopen: ReconnectPolicy
}

/** Where a line without address bytes has its device. */
export const NO_ADDRESS = -1

/** A port that is back is opened within 2 s, also where udev lets us in only at the second try. */
// measured: looking costs one stat, or 3 ms where a USB identity is searched for.
const serialReopening: ReconnectPolicy = Object.freeze({ firstMs: 250, minMs: 250, maxMs: 900 })
const tcpReopening: ReconnectPolicy = Object.freeze({ firstMs: 250, minMs: 250, maxMs: 5000 })
/** A terminal of Linux has 4096 bytes for what is not read yet, and gives out one less. */
const TERMINAL_BYTES = 4095
/** A segment that is sent again comes so much later, and is no gap on the line. */
const TCP_IDLE_GAP_MS = 1000

/** Throws `ERR_LINE_ADDRESS` or `ERR_LINE_DEVICES` where the configuration contradicts itself. */
export function lineSettings(config: SerialSourceConfig, clock: Clock): LineSettings {
  const { framing, crc, address, maxFrame, path } = config
  const shared = {
    format: { framing, crc, address, maxFrame },
    devices: devicesOf(config),
    longestFrameMs: longestFrameMs(config, config.baudRate),
  }
  const gap = idleGapMs(config.baudRate)
  return path?.startsWith('tcp:')
    ? {
        ...shared,
        door: tcpDoor(path, clock),
        reopen: tcpReopening,
        idleGapMs: Math.max(TCP_IDLE_GAP_MS, gap),
        fullReadBytes: Number.POSITIVE_INFINITY,
      }
    : {
        ...shared,
        door: serialPort(config, clock),
        reopen: serialReopening,
        idleGapMs: gap,
        fullReadBytes: TERMINAL_BYTES,
      }
}

function serialPort(config: SerialSourceConfig, clock: Clock): LineDoor {
  const { path, match } = config
  if (path !== undefined) return serialDoor(finderByPath(path), config, clock)
  if (match !== undefined) return serialDoor(finderByMatch(match), config, clock)
  throw new LineError('ERR_LINE_ADDRESS', "a serial source needs a 'path' or a 'match'")
}

function devicesOf({ address, device, devices }: SerialSourceConfig): ReadonlyMap<number, string> {
  if (address === 'byte') {
    if (devices !== undefined && device === undefined) return devices
    throw new LineError('ERR_LINE_DEVICES', "a line of 'address: byte' needs 'devices', by address")
  }
  if (device !== undefined && devices === undefined) return new Map([[NO_ADDRESS, device]])
  throw new LineError('ERR_LINE_DEVICES', "a line without addresses needs one 'device'")
}
