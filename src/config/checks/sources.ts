import type { Findings } from '../findings.js'
import { type Path, quoted } from '../problem.js'
import { ADDRESS, type MqttInput, NETWORK_ID, type SerialInput } from '../schema/source.js'
import type { SourceTree } from '../source-tree.js'
import type { Survey } from '../survey.js'
import {
  filterOf,
  filtersOverlap,
  namesDevice,
  outputFilters,
  publishFault,
  templateFault,
} from '../topics.js'
import { describe } from '../wording.js'

/** What the schema cannot say about sources: what belongs together, and what would not work. */
export function checkSources(survey: Survey, tree: SourceTree, findings: Findings): void {
  if (survey.sources.length === 0)
    findings.warning(['sources'], 'there are no sources: nothing comes in')
  const paths = new Map<string, string>()
  for (const { path, value } of survey.sources) {
    if (!value) continue
    if (findings.isWritten([...path, 'serial']) === findings.isWritten([...path, 'mqtt'])) {
      findings.problem(path, 'a source is one of serial and mqtt')
      continue
    }
    if (value.serial) {
      checkSerial(value.serial, [...path, 'serial'], tree, findings)
      checkPathOnce(value.serial, [...path, 'serial', 'path'], paths, findings)
    }
    if (value.mqtt) checkMqtt(value.mqtt, [...path, 'mqtt'], findings)
  }
  checkLoops(survey, findings)
}

function checkPathOnce(
  { path: port }: SerialInput,
  path: Path,
  seen: Map<string, string>,
  findings: Findings,
): void {
  if (port === undefined) return
  const other = seen.get(port)
  if (other !== undefined) findings.problem(path, `${other} opens this port already`)
  else seen.set(port, `sources[${path[1]}]`)
}

function checkSerial(serial: SerialInput, path: Path, tree: SourceTree, findings: Findings): void {
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

function checkMqtt(mqtt: MqttInput, path: Path, findings: Findings): void {
  const fault = templateFault(mqtt.topic)
  if (fault !== undefined) findings.problem([...path, 'topic'], `cannot be subscribed: ${fault}`)
  const named = namesDevice(mqtt.topic)
  if (named && mqtt.device !== undefined) {
    findings.keyProblem(
      [...path, 'device'],
      'the topic names the device by {device} already: use one of the two',
    )
  } else if (fault === undefined && !named && !findings.isWritten([...path, 'device'])) {
    findings.problem(
      path,
      'which device? Put {device} in place of the level of topic that names it, or add device',
    )
  }
  if (mqtt.devices && !named) {
    findings.keyProblem([...path, 'devices'], 'a map of devices needs {device} in the topic')
  }
  for (const id of Object.keys(mqtt.devices ?? {})) {
    if (NETWORK_ID.test(id)) continue
    findings.keyProblem([...path, 'devices', id], 'expected an id that can be a level of a topic')
  }
  checkDownlink(mqtt, [...path, 'downlink'], findings)
}

function checkDownlink({ downlink }: MqttInput, path: Path, findings: Findings): void {
  if (!downlink) return
  const fault = publishFault(downlink.topic)
  if (fault !== undefined) findings.problem([...path, 'topic'], `cannot be published: ${fault}`)
  if (downlink.json === undefined) return
  if (!/\{(?:base64|hex)\}/.test(JSON.stringify(downlink.json))) {
    findings.problem(
      [...path, 'json'],
      'has no place for the bytes: put {base64} or {hex} into one of its texts',
    )
  }
  if (downlink.encoding !== undefined) {
    findings.keyProblem(
      [...path, 'encoding'],
      'json says by {base64} or {hex} how the bytes are written: remove it',
    )
  }
}

/** Nothing that we may publish may come back in as a frame, and no frame twice. */
function checkLoops({ baseTopic, sources }: Survey, findings: Findings): void {
  const doors = sources.flatMap(({ path, value }) =>
    value?.mqtt ? [{ path: [...path, 'mqtt', 'topic'], mqtt: value.mqtt }] : [],
  )
  const outputs = [
    ...outputFilters(baseTopic),
    ...doors.flatMap(({ mqtt }) => (mqtt.downlink ? [filterOf(mqtt.downlink.topic)] : [])),
  ]
  for (const [index, { path, mqtt }] of doors.entries()) {
    if (templateFault(mqtt.topic) !== undefined) continue
    const filter = filterOf(mqtt.topic)
    const looped = outputs.find((output) => filtersOverlap(output, filter))
    if (looped !== undefined) {
      findings.problem(
        path,
        `matches ${looped}, which the bridge publishes itself: its own messages would come back in`,
      )
    }
    const double = doors
      .slice(0, index)
      .find((door) => filtersOverlap(filterOf(door.mqtt.topic), filter))
    if (double) {
      findings.warning(
        path,
        `overlaps with the topic of sources[${double.path[1]}]: what matches both comes twice`,
      )
    }
  }
}
