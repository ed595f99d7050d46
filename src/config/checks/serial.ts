import type { Findings } from '../findings.js'
import { type Path, quoted } from '../problem.js'
import { ADDRESS, type SerialInput } from '../schema/source.js'
import type { SourceTree } from '../source-tree.js'
import { describe } from '../wording.js'

/** What belongs together on a serial line, and what would not work. */
export function checkSerial(
  serial: SerialInput,
  path: Path,
  tree: SourceTree,
  findings: Findings,
): void {
  const { framing, crc, address } = serial
  const has = (key: string) => findings.isWritten([...path, key])
  if (has('path') === has('match')) {
    findings.problem(path, 'a serial line is found by one of path and match')
  }
  checkPort(serial, path, findings)
  checkMatch(serial, path, tree, findings)
  if (framing === 'length' && crc === 'none') {
    findings.problem([...path, 'crc'], 'framing length needs a crc: crc32 or crc16')
  } else if (crc === 'none') {
    findings.warning(
      [...path, 'crc'],
      `${framing} without crc: damaged frames are not noticed; their readings are marked`,
    )
  } else if (crc === 'crc16') {
    findings.warning(
      [...path, 'crc'],
      'crc16 lets one damaged frame in 65536 through; crc32 is safer',
    )
  }
  if (address === 'byte' && !has('devices')) {
    findings.problem(
      [...path, 'address'],
      'address byte needs devices, a map from addresses to device ids',
    )
  } else if (serial.devices && (tree.at([...path, 'address']) ?? 'none') === 'none') {
    findings.keyProblem([...path, 'devices'], 'a map of devices needs address: byte')
  } else if (has('device') === has('devices')) {
    findings.problem(path, 'a serial line has one of device and devices')
  }
  checkAddresses(serial, path, findings)
}

function checkPort(serial: SerialInput, path: Path, findings: Findings): void {
  const port = serial.path
  if (port === undefined) return
  if (!/^[a-z]{2,}:\/\//i.test(port)) {
    if (!/^(?:\/|COM\d|\\\\)/.test(port)) {
      findings.problem(
        [...path, 'path'],
        `expected a full path such as /dev/${port.replace(/^.*\//, '')}, got ${describe(port)}`,
      )
    }
    return
  }
  const match = /^tcp:\/\/(?:[A-Za-z0-9._-]+|\[[0-9a-fA-F:.]+\]):(\d{1,5})$/.exec(port)
  if (!match || Number(match[1]) < 1 || Number(match[1]) > 65_535) {
    findings.problem(
      [...path, 'path'],
      `expected tcp://host:port with a port from 1 to 65535, got ${describe(port)}`,
    )
  }
  for (const key of ['baud_rate', 'data_bits', 'parity', 'stop_bits', 'flow_control'] as const) {
    if (serial[key] !== undefined) {
      findings.keyWarning([...path, key], 'has no effect over TCP: set it at the converter')
    }
  }
}

function checkMatch(
  { match }: SerialInput,
  path: Path,
  tree: SourceTree,
  findings: Findings,
): void {
  if (!match) return
  if (Object.keys(match).length === 0) {
    findings.problem(
      [...path, 'match'],
      'expected at least one of vendor, product and serial_number',
    )
  }
  for (const key of ['vendor', 'product'] as const) {
    const at = [...path, 'match', key]
    if (match[key] !== undefined && !/^(?:0x)?[0-9a-fA-F]{4}$/.test(tree.written(at) ?? '')) {
      findings.problem(
        at,
        `expected a USB id of 4 hexadecimal digits such as 0403, got ${describe(match[key], tree.written(at))}`,
      )
    }
  }
}

function checkAddresses({ devices = {} }: SerialInput, path: Path, findings: Findings): void {
  const seen = new Map<number, string>()
  for (const key of Object.keys(devices)) {
    const address = ADDRESS.test(key) ? Number(key) : Number.NaN
    const at = [...path, 'devices', key]
    const other = seen.get(address)
    if (!(address <= 255)) {
      findings.keyProblem(
        at,
        `expected an address from 0 to 255 (or 0x00 to 0xff), got the key ${quoted(key)}`,
      )
    } else if (other !== undefined) {
      findings.keyProblem(at, `${key} is the same address as ${other}`)
    } else {
      seen.set(address, key)
    }
  }
}
