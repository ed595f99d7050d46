import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  finderByMatch,
  finderByPath,
  type SerialPortMatch,
} from '../../src/transport/serial-port-finder.js'
import { listSerialPorts, type SerialPortIdentity } from '../../src/transport/serial-port-list.js'

let directory: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'alec-ports-'))
})

afterEach(() => rmSync(directory, { recursive: true }))

describe('finding a port by its path', () => {
  it('passes a character device on, also behind a link', async () => {
    const link = join(directory, 'usb-adapter')
    symlinkSync('/dev/null', link)
    expect(await finderByPath('/dev/null').find()).toEqual({ ok: true, path: '/dev/null' })
    expect(await finderByPath(link).find()).toEqual({ ok: true, path: link })
  })

  it('leaves names that are no files to the library', async () => {
    expect(await finderByPath('COM3').find()).toEqual({ ok: true, path: 'COM3' })
  })

  it('knows a path that is not there', async () => {
    const finding = await finderByPath(join(directory, 'nothing')).find()
    expect(finding).toMatchObject({ ok: false, end: { code: 'ENOENT' } })
  })

  it('refuses what is no port without opening it', async () => {
    const file = join(directory, 'file')
    writeFileSync(file, 'precious')
    for (const path of [file, directory]) {
      const finding = await finderByPath(path).find()
      expect(finding).toMatchObject({ ok: false, end: { code: 'ENOTTY' } })
    }
  })
})

describe('finding a port by its USB identity', () => {
  const ports: readonly SerialPortIdentity[] = [
    { path: '/dev/ttyS0' },
    { path: '/dev/ttyUSB0', vendor: '0403', product: '6001', serialNumber: 'A5069RR4' },
    { path: '/dev/ttyUSB1', vendor: '0403', product: '6001', serialNumber: 'A5069RR5' },
    { path: '/dev/ttyACM0', vendor: '2e8a', product: '0005', serialNumber: 'E6 60/58' },
  ]
  const find = (match: SerialPortMatch) => finderByMatch(match, async () => ports).find()

  it.each<readonly [SerialPortMatch, string]>([
    [{ serialNumber: 'A5069RR5' }, '/dev/ttyUSB1'],
    [{ vendor: '0403', product: '6001', serialNumber: 'A5069RR4' }, '/dev/ttyUSB0'],
    [{ vendor: '2e8a' }, '/dev/ttyACM0'],
    [{ vendor: '0x2E8A', product: '5' }, '/dev/ttyACM0'],
    // As udev writes it.
    [{ serialNumber: 'E6_60_58' }, '/dev/ttyACM0'],
  ])('%o', async (match, path) => {
    expect(await find(match)).toEqual({ ok: true, path })
  })

  it('says that no port fits', async () => {
    const finding = await find({ vendor: '0403', product: '6002' })
    const reason = expect.stringContaining('usb:0403:6002:* is not there')
    expect(finding).toEqual({ ok: false, end: { code: 'ENOENT', reason } })
  })

  it('takes none where several fit, and names them', async () => {
    const finding = await find({ vendor: '0403' })
    expect(finding).toMatchObject({
      ok: false,
      end: { code: 'ambiguous', reason: expect.stringContaining('/dev/ttyUSB1 (A5069RR5)') },
    })
  })

  it('looks anew each time', async () => {
    let there: readonly SerialPortIdentity[] = []
    const finder = finderByMatch({ serialNumber: 'X' }, async () => there)
    expect((await finder.find()).ok).toBe(false)
    there = [{ path: '/dev/ttyUSB7', serialNumber: 'X' }]
    expect(await finder.find()).toEqual({ ok: true, path: '/dev/ttyUSB7' })
  })

  it('passes on why the ports cannot be listed', async () => {
    const fail = () => Promise.reject(Object.assign(new Error('no'), { code: 'EACCES' }))
    const finding = await finderByMatch({ vendor: '0403' }, fail).find()
    expect(finding).toMatchObject({ ok: false, end: { code: 'EACCES' } })
  })
})

describe('the list of ports', () => {
  /** A port as the kernel shows it: a link in class/tty to a directory below the devices. */
  const addPort = (name: string, device: string | undefined, attributes: object = {}) => {
    const entry = join(directory, 'class/tty', name)
    mkdirSync(entry, { recursive: true })
    if (device === undefined) return
    const interfaceOf = join(directory, 'devices', device, '1-1:1.0', name)
    mkdirSync(interfaceOf, { recursive: true })
    for (const [key, value] of Object.entries(attributes)) {
      writeFileSync(join(directory, 'devices', device, key), `${value}\n`)
    }
    symlinkSync(interfaceOf, join(entry, 'device'))
  }

  it('reads the USB identity from the device that a port is a part of', async () => {
    addPort('ttyUSB0', 'usb1/1-1', { idVendor: '0403', idProduct: '6001', serial: 'A5069RR4' })
    addPort('ttyACM0', 'usb1/1-2', { idVendor: '2E8A', idProduct: '0005' })
    addPort('ttyS0', 'pnp0/00:00')
    addPort('tty1', undefined)
    expect(await listSerialPorts(directory, 'linux')).toEqual([
      { path: '/dev/ttyACM0', vendor: '2e8a', product: '0005' },
      { path: '/dev/ttyS0' },
      { path: '/dev/ttyUSB0', vendor: '0403', product: '6001', serialNumber: 'A5069RR4' },
    ])
  })

  it.runIf(process.platform === 'linux')('works on this machine without udev', async () => {
    for (const { path } of await listSerialPorts()) expect(path).toMatch(/^\/dev\//)
  })
})
