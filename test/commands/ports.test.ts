import { spawn } from 'node:child_process'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { adviceFor, groupName, type SystemPaths } from '../../src/commands/port-access.js'
import {
  type PortReport,
  type PortsOptions,
  ports,
  stablePathOf,
} from '../../src/commands/ports.js'
import { openPseudoTerminal } from '../support/pseudo-terminal.js'
import { recordedIo } from '../support/recorded-io.js'
import { temporaryDirectory } from '../support/temporary-directory.js'

/** A machine with these ports in its /sys; their paths lead to nothing unless a test says otherwise. */
function machine(): SystemPaths & { add(name: string, attributes?: object, type?: string): void } {
  const root = temporaryDirectory('alec-ports-')
  const system = { dev: join(root, 'dev'), sysfs: join(root, 'sys'), proc: '/proc', etc: '/etc' }
  mkdirSync(join(system.dev, 'serial/by-id'), { recursive: true })
  mkdirSync(join(system.dev, 'serial/by-path'), { recursive: true })
  mkdirSync(join(system.sysfs, 'class/tty'), { recursive: true })
  return {
    ...system,
    add(name, attributes = {}, type) {
      const device = join(system.sysfs, 'devices/usb1', name)
      const entry = join(system.sysfs, 'class/tty', name)
      mkdirSync(join(device, 'interface'), { recursive: true })
      mkdirSync(entry)
      symlinkSync(join(device, 'interface'), join(entry, 'device'))
      if (type !== undefined) writeFileSync(join(entry, 'type'), `${type}\n`)
      for (const [key, value] of Object.entries(attributes))
        writeFileSync(join(device, key), `${value}\n`)
    },
  }
}

async function listed(system: SystemPaths, options: PortsOptions = {}, ...paths: string[]) {
  const io = recordedIo('/')
  const code = await ports(paths, options, io, system)
  return { code, out: io.out, err: io.err }
}

const reports = async (system: SystemPaths, ...paths: string[]): Promise<PortReport[]> =>
  JSON.parse((await listed(system, { json: true }, ...paths)).out)

describe('the list of ports', () => {
  it('tells of each the adapter, as it calls itself', async () => {
    const system = machine()
    system.add('ttyUSB7', {
      idVendor: '0403',
      idProduct: '6001',
      serial: 'A50285BI',
      manufacturer: 'FTDI',
      product: 'FT232R USB UART',
    })
    const { out, code } = await listed(system)
    expect(code).toBe(0)
    expect(out).toContain('/dev/ttyUSB7\n')
    expect(out).toContain('0403:6001  FTDI FT232R USB UART')
    expect(out).toContain('A50285BI')
    expect(await reports(system)).toMatchObject([
      { path: '/dev/ttyUSB7', vendor: '0403', vendorName: 'FTDI', access: { verdict: 'gone' } },
    ])
  })

  it('leaves out what has no hardware behind it, and says so', async () => {
    const system = machine()
    system.add('ttyS0', {}, '4')
    system.add('ttyS1', {}, '0')
    const { out, err } = await listed(system)
    expect(out).toContain('/dev/ttyS0')
    expect(out).not.toContain('/dev/ttyS1')
    expect(err).toContain('left out: 1 (--all shows them)')
    expect((await listed(system, { all: true })).out).toContain('/dev/ttyS1')
  })

  it('says where there is none', async () => {
    const { code, out, err } = await listed(machine())
    expect([code, out]).toEqual([0, ''])
    expect(err).toContain('no serial port')
  })

  it('knows the names that stay the same', async () => {
    const terminal = openPseudoTerminal()
    onTestFinished(() => terminal.close())
    const system = machine()
    const byId = join(system.dev, 'serial/by-id/usb-FTDI-if00')
    const byPath = join(system.dev, 'serial/by-path/pci-0:1')
    for (const link of [byId, byPath]) symlinkSync(terminal.path, link)
    expect(await reports(system, terminal.path)).toMatchObject([{ byId, byPath }])
    expect(await stablePathOf(terminal.path, system)).toBe(byId)
    // A name that somebody chose stays.
    expect(await stablePathOf(byPath, system)).toBe(byPath)
    expect(await stablePathOf('tcp://10.0.0.7:4001', system)).toBe('tcp://10.0.0.7:4001')
  })
})

describe('whether a port may be opened', () => {
  it('is told of a real terminal, which is not opened for it', async () => {
    const terminal = openPseudoTerminal()
    onTestFinished(() => terminal.close())
    const { code, out } = await listed(machine(), {}, terminal.path)
    expect(out).toContain('ok: may be opened')
    expect(code).toBe(0)
  })

  it('is not so while another process has it', async () => {
    const terminal = openPseudoTerminal()
    onTestFinished(() => terminal.close())
    const reader = spawn('cat', [terminal.path], { stdio: 'ignore' })
    onTestFinished(() => void reader.kill())
    const busy = async () => (await reports(machine(), terminal.path))[0]?.access
    await expect.poll(async () => (await busy())?.verdict).toBe('busy')
    expect((await busy())?.heldBy).toEqual([{ pid: reader.pid, command: 'cat' }])
    const { code, out } = await listed(machine(), {}, terminal.path)
    expect(code).toBe(69)
    expect(out).toContain(`busy: is held by cat (${reader.pid})`)
  })

  it('is no question where nothing is there, or no port', async () => {
    const { code, out } = await listed(machine(), {}, '/dev/nothing-here', '/etc/hostname')
    expect(code).toBe(69)
    expect(out).toContain('gone: is not there')
    expect(out).toContain('no-port: is no serial port')
  })

  it.each([
    ['somebody else’s group', 'dialout', 0o660, [1000], 20, 'sudo usermod -aG dialout $USER'],
    ['a group without a name', undefined, 0o660, [1000], 20, 'SupplementaryGroups=20'],
    ['root alone', 'root', 0o660, [1000], 0, 'udev rule'],
    ['its owner alone', 'dialout', 0o600, [20], 20, 'udev rule'],
    ['our group, by something else', 'dialout', 0o660, [20], 20, 'getfacl'],
  ])('is denied by %s, with what to do', (_who, group, mode, ours, gid, advice) => {
    expect(adviceFor('/dev/ttyUSB0', group, mode, ours, gid).advice).toContain(advice)
  })

  it('finds the name of a group', () => {
    const groups = 'root:x:0:\ndialout:x:20:anna\nbroken'
    expect(groupName(groups, 20)).toBe('dialout')
    expect(groupName(groups, 21)).toBeUndefined()
  })
})
