import { stat } from 'node:fs/promises'
import type { SerialSourceConfig } from '../config/configuration.js'
import type { LineEnd } from './line-door.js'
import { troubleOf } from './line-trouble.js'
import { listSerialPorts, type SerialPortIdentity } from './serial-port-list.js'

export type SerialPortMatch = NonNullable<SerialSourceConfig['match']>

export type Finding =
  | { readonly ok: true; readonly path: string }
  | { readonly ok: false; readonly end: LineEnd }

/** Looks for a port anew at every opening: an adapter that comes back may have another number. */
export interface SerialPortFinder {
  /** Stable, whichever path the port has now. */
  readonly address: string
  find(): Promise<Finding>
}

/** Finds the port at a path; a link, as below `/dev/serial/by-id`, is followed when it is opened. */
export function finderByPath(path: string): SerialPortFinder {
  return {
    address: path,
    find: async () => {
      // Opening what is no port would be tried for ever, and may do something to a file or a device.
      const trouble = path.startsWith('/') ? await pathTrouble(path) : undefined
      return trouble ? { ok: false, end: trouble } : { ok: true, path }
    },
  }
}

async function pathTrouble(path: string): Promise<LineEnd | undefined> {
  try {
    const isPossible = (await stat(path)).isCharacterDevice()
    return isPossible ? undefined : troubleOf(undefined, path, 'ENOTTY')
  } catch (error) {
    return troubleOf(error, path)
  }
}

/** Finds the one USB port that has every property named in `match`. */
export function finderByMatch(
  match: SerialPortMatch,
  list: () => Promise<readonly SerialPortIdentity[]> = listSerialPorts,
): SerialPortFinder {
  const wanted = [match.vendor ?? '*', match.product ?? '*', match.serialNumber ?? '*'].join(':')
  const address = `usb:${wanted}`
  return {
    address,
    find: async () => {
      try {
        const found = (await list()).filter((port) => fits(port, match))
        return oneOf(found, address)
      } catch (error) {
        return { ok: false, end: troubleOf(error, address) }
      }
    },
  }
}

function oneOf(found: readonly SerialPortIdentity[], address: string): Finding {
  const [port, ...others] = found
  if (!port) return { ok: false, end: troubleOf(undefined, address, 'ENOENT') }
  if (others.length === 0) return { ok: true, path: port.path }
  // Any of them might be another device's.
  const paths = found.map(
    ({ path, serialNumber }) => `${path} (${serialNumber ?? 'no serial number'})`,
  )
  const reason = `${address} fits several ports: ${paths.join(', ')}; match the serial number, or use a path below /dev/serial/by-path`
  return { ok: false, end: { code: 'ambiguous', reason } }
}

const fits = (port: SerialPortIdentity, match: SerialPortMatch): boolean =>
  (match.vendor === undefined || port.vendor === usbId(match.vendor)) &&
  (match.product === undefined || port.product === usbId(match.product)) &&
  (match.serialNumber === undefined ||
    (port.serialNumber !== undefined && plain(port.serialNumber) === plain(match.serialNumber)))

const usbId = (written: string): string => written.toLowerCase().replace(/^0x/, '').padStart(4, '0')

/** As udev writes serial numbers into paths below by-id, where users copy them from. */
const plain = (serialNumber: string): string =>
  serialNumber.trim().replace(/[^A-Za-z0-9#+\-.:=@_]+/g, '_')
