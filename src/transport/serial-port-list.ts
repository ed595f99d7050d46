import { readdir, readFile, realpath } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** A serial port that this machine has now. */
export interface SerialPortIdentity {
  readonly path: string
  /** Of a USB adapter: four hexadecimal digits each. */
  readonly vendor?: string
  readonly product?: string
  readonly serialNumber?: string
  /** What the adapter calls its maker and itself. */
  readonly vendorName?: string
  readonly productName?: string
}

/**
 * Lists the ports that have hardware behind them, with their USB identity. On Linux from `sysfs`: the
 * library asks udevadm, which small systems and containers lack, and whose answer comes late after a plug-in.
 */
export async function listSerialPorts(
  sysfs = '/sys',
  platform: NodeJS.Platform = process.platform,
): Promise<readonly SerialPortIdentity[]> {
  if (platform !== 'linux') {
    const { SerialPort } = await import('serialport')
    const ports = await SerialPort.list()
    return ports.map(({ path, vendorId, productId, serialNumber, manufacturer }) =>
      identityOf(path, vendorId, productId, serialNumber, manufacturer),
    )
  }
  const names = await readdir(join(sysfs, 'class/tty'))
  const found = await Promise.all(names.sort().map((name) => readPort(sysfs, name)))
  return found.filter((port) => port !== undefined)
}

async function readPort(sysfs: string, name: string): Promise<SerialPortIdentity | undefined> {
  const device = await realpath(join(sysfs, 'class/tty', name, 'device')).catch(() => undefined)
  // Terminals and pseudo-terminals have no device behind them.
  if (device === undefined) return undefined
  const path = `/dev/${name}`
  // The identity is the USB device's; the port is an interface of it, one to three levels further down.
  for (let at = device; at.length > sysfs.length; at = dirname(at)) {
    const vendor = await attribute(at, 'idVendor')
    if (vendor === undefined) continue
    const [product, serial, vendorName, productName] = await Promise.all(
      ['idProduct', 'serial', 'manufacturer', 'product'].map((name) => attribute(at, name)),
    )
    return identityOf(path, vendor, product, serial, vendorName, productName)
  }
  return { path }
}

/** An attribute that is not there, or no longer, is none: ports vanish while we look. */
const attribute = (device: string, name: string): Promise<string | undefined> =>
  readFile(join(device, name), 'utf8').then(
    (text) => text.trim(),
    () => undefined,
  )

const identityOf = (
  path: string,
  vendor: string | undefined,
  product: string | undefined,
  serialNumber: string | undefined,
  vendorName?: string,
  productName?: string,
): SerialPortIdentity => ({
  path,
  ...(vendor && { vendor: vendor.toLowerCase() }),
  ...(product && { product: product.toLowerCase() }),
  ...(serialNumber && { serialNumber }),
  ...(vendorName && { vendorName }),
  ...(productName && { productName }),
})
