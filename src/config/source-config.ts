import type {
  DownlinkConfig,
  MqttSourceConfig,
  PayloadConfig,
  SerialSourceConfig,
  SourceConfig,
} from './configuration.js'
import type { Path } from './problem.js'
import { type MqttInput, type SerialInput, type SourceInput, topicOf } from './schema/source.js'
import type { SourceTree } from './source-tree.js'

/** One source as the doors take it. */
export function sourceConfig(input: SourceInput, path: Path, tree: SourceTree): SourceConfig {
  if (input.serial) return serialConfig(input.serial, [...path, 'serial'], tree)
  if (input.mqtt) return mqttConfig(input.mqtt)
  throw new TypeError('a source of no kind passed the checks')
}

function serialConfig(serial: SerialInput, path: Path, tree: SourceTree): SerialSourceConfig {
  return {
    kind: 'serial',
    ...(serial.path !== undefined && { path: serial.path }),
    ...(serial.match && { match: usbIdentity([...path, 'match'], tree) }),
    baudRate: serial.baud_rate ?? 115_200,
    dataBits: serial.data_bits ?? 8,
    parity: serial.parity ?? 'none',
    stopBits: serial.stop_bits ?? 1,
    flowControl: serial.flow_control ?? 'none',
    framing: serial.framing,
    crc: serial.crc,
    address: serial.address,
    maxFrame: serial.max_frame,
    ...(serial.device !== undefined && { device: serial.device }),
    ...(serial.devices && {
      devices: new Map(
        Object.entries(serial.devices).map(([key, device]) => [Number(key), device]),
      ),
    }),
  }
}

/** As written: `0403` is a number to YAML, and would lose its zero. */
function usbIdentity(path: Path, tree: SourceTree): NonNullable<SerialSourceConfig['match']> {
  const hex = (key: string) =>
    tree
      .written([...path, key])
      ?.replace(/^0x/, '')
      .toLowerCase()
  const [vendor, product] = [hex('vendor'), hex('product')]
  const serialNumber = tree.written([...path, 'serial_number'])
  return {
    ...(vendor !== undefined && { vendor }),
    ...(product !== undefined && { product }),
    ...(serialNumber !== undefined && { serialNumber }),
  }
}

function mqttConfig(mqtt: MqttInput): MqttSourceConfig {
  return {
    kind: 'mqtt',
    topic: topicOf(mqtt),
    ...(mqtt.device !== undefined && { device: mqtt.device }),
    qos: mqtt.qos,
    acceptRetained: mqtt.accept_retained,
    reorderWindow: mqtt.reorder_window,
    payload: payloadConfig(mqtt.payload),
    ...(mqtt.downlink && { downlink: downlinkConfig(mqtt.downlink) }),
    ...(mqtt.devices && { devices: new Map(Object.entries(mqtt.devices)) }),
  }
}

function payloadConfig({ json, encoding }: NonNullable<MqttInput['payload']> = {}): PayloadConfig {
  if (json === undefined) return { encoding: encoding ?? 'binary' }
  return { json, encoding: encoding ?? 'base64' }
}

const downlinkConfig = ({
  topic,
  encoding,
  json,
}: NonNullable<MqttInput['downlink']>): DownlinkConfig => ({
  topic,
  encoding: encoding ?? 'binary',
  ...(json !== undefined && { json }),
})
