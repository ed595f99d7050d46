import * as z from 'zod'
import { type PresetName, presets } from '../mappings.js'
import { choice, flag, id, label, mapOf, oneOf, path, strict, text, whole } from './leaves.js'

/** Decimal, or hexadecimal with 0x; up to 255, which the checks see to. */
export const ADDRESS = /^(?:\d{1,3}|0[xX][0-9a-fA-F]{1,2})$/
/** A network's id is a level of a topic. */
export const NETWORK_ID = /^[^/+#\s]{1,128}$/

/** A text, or a number as ids of applications are written. */
const level = (phrase: string) =>
  z
    .union([z.string(), z.number().int()], { error: phrase })
    .refine((value) => NETWORK_ID.test(String(value)), { error: phrase })

const hexOrText = (phrase: string) => z.union([z.string(), z.number()], { error: phrase })

const matchSchema = strict({
  vendor: hexOrText('a USB vendor id of 4 hexadecimal digits').optional(),
  product: hexOrText('a USB product id of 4 hexadecimal digits').optional(),
  serial_number: hexOrText('the serial number of a USB device').optional(),
}).meta({
  description: 'Finds the port by the identity of the USB device, as udevadm info shows it.',
  examples: [{ vendor: '0403', product: '6001', serial_number: 'A50285BI' }],
})

/** A serial line, or one behind a TCP converter. */
export const serialSchema = strict({
  path: path('a path such as /dev/serial/by-id/usb-… or tcp://10.0.0.7:4001')
    .optional()
    .meta({
      description:
        'The port: a device path (those below /dev/serial/by-id stay the same) or tcp://host:port.',
      examples: ['/dev/ttyUSB0', 'tcp://10.0.0.7:4001'],
    }),
  match: matchSchema.optional(),
  baud_rate: whole(50, 12_000_000).optional().meta({ default: 115_200 }),
  data_bits: oneOf([5, 6, 7, 8]).optional().meta({ default: 8 }),
  parity: choice(['none', 'even', 'odd', 'mark', 'space']).optional().meta({ default: 'none' }),
  stop_bits: oneOf([1, 1.5, 2]).optional().meta({ default: 1 }),
  flow_control: choice(['none', 'rtscts', 'xonxoff']).optional().meta({ default: 'none' }),
  framing: choice(['cobs', 'slip', 'length', 'hex'])
    .default('cobs')
    .meta({ description: 'How frames are kept apart on the line.' }),
  crc: choice(['crc32', 'crc16', 'none']).default('crc32').meta({
    description: 'The checksum behind each frame; without one, damaged frames are not noticed.',
  }),
  address: choice(['none', 'byte']).default('none').meta({
    description: 'byte: an address byte before each frame tells several nodes on one line apart.',
  }),
  max_frame: whole(16, 65_535)
    .default(4096)
    .meta({ description: 'Longest frame on the line in bytes: address, frame and CRC.' }),
  device: id().optional().meta({ description: 'The one device on the line …' }),
  devices: mapOf(ADDRESS, id(), 'a map from addresses to device ids')
    .optional()
    .meta({
      description: '… or one for each address byte.',
      examples: [{ 1: 'shed-1', 2: 'shed-2' }],
    }),
}).meta({ description: 'A serial port, or a serial line behind a TCP converter.' })

const payloadSchema = strict({
  json: text(/^[^.\0]+(?:\.[^.\0]+)*$/, 'the path of a field, dots between its keys')
    .optional()
    .meta({
      description:
        'The field of a JSON document that holds the frame; without it, the payload is the frame.',
      examples: ['data', 'uplink_message.frm_payload'],
    }),
  encoding: choice(['binary', 'hex', 'base64'])
    .optional()
    .meta({ description: 'How the frame is written; default: base64 in JSON, else binary.' }),
}).meta({ description: 'Where in a message the frame is, and how it is written.' })

const downlinkSchema = strict({
  topic: label(256).meta({
    description: '{device} stands for the id that the network uses.',
    examples: ['application/1/device/{device}/command/down'],
  }),
  encoding: choice(['binary', 'hex', 'base64'])
    .optional()
    .meta({ description: 'How the bytes are written where there is no json; default: binary.' }),
  json: z
    .unknown()
    .optional()
    .meta({
      description: 'A JSON document; {base64}, {hex} and {device} in its texts are filled in.',
      examples: [{ devEui: '{device}', fPort: 10, data: '{base64}' }],
    }),
}).meta({
  description: 'How downlinks go out; default: bare bytes on <base_topic>/<device>/command.',
})

/** A subscription at the broker. */
export const mqttSchema = strict({
  preset: choice(Object.keys(presets) as PresetName[])
    .optional()
    .meta({
      description: 'Topic, payload and downlink as a network server or a firmware words them.',
    }),
  application: level('the id of an application, one level of a topic')
    .optional()
    .meta({ description: 'For the presets of LoRaWAN: the application.', examples: ['my-app'] }),
  tenant: level('the id of a tenant, one level of a topic')
    .optional()
    .meta({ description: 'For the-things-stack-v3: the tenant.', default: 'ttn' }),
  f_port: whole(1, 223)
    .optional()
    .meta({ description: 'For the presets of LoRaWAN: the port of downlinks.', default: 10 }),
  component: level('the name of a component, one level of a topic')
    .optional()
    .meta({ description: 'For esphome-uart: the text sensor, and the text.', default: 'alec' }),
  topic: label(256)
    .optional()
    .meta({
      description:
        'A topic filter in which {device} is the level that names the device; default: <base_topic>/{device}/frame.',
      examples: ['alec/{device}/frame', 'application/+/device/{device}/event/up'],
    }),
  device: id()
    .optional()
    .meta({ description: 'The device, where no level of the topic names it.' }),
  qos: oneOf([0, 1, 2]).default(1),
  accept_retained: flag().default(false).meta({
    description: 'Takes also what the broker had in store when we subscribed: frames of any age.',
  }),
  reorder_window: whole(0, 64).default(0).meta({
    description:
      'Most frames of a device that wait for one that was overtaken; 0: frames come in order.',
  }),
  payload: payloadSchema.optional(),
  downlink: downlinkSchema.optional(),
  devices: mapOf(NETWORK_ID, id(), "a map from the network's ids to device ids")
    .optional()
    .meta({
      description: "The network's id → device id, where the former are not what you want to see.",
      examples: [{ '70b3d57ed0060001': 'field-1' }],
    }),
}).meta({ description: 'Frames that come as MQTT messages.' })

/** A door that frames come in by: one of the two. */
export const sourceSchema = strict({
  serial: serialSchema.optional(),
  mqtt: mqttSchema.optional(),
}).meta({ minProperties: 1, maxProperties: 1 })

export type SerialInput = z.output<typeof serialSchema>
export type MqttInput = z.output<typeof mqttSchema>
export type SourceInput = z.output<typeof sourceSchema>

/** The topic of a source; every one has one once its preset is filled in. */
export const topicOf = ({ topic }: MqttInput): string => topic ?? ''
