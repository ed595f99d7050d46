import { type Clock, systemClock } from '../clock.js'
import {
  type BrokerAccess,
  type BrokerDoor,
  type LineDoor,
  lineSettings,
} from '../transport/index.js'
import type { PortSetting } from './init-line.js'
import type { HeardDevice, HeardLine, HeardTopic } from './init-proposal.js'
import { visitorDoor } from './visitor-door.js'

export interface InitOptions {
  /** A serial port, or `tcp://host:port`. */
  readonly port?: string
  readonly baudRate?: number
  readonly parity?: PortSetting['parity']
  /** The URL of a broker, with a topic. */
  readonly broker?: string
  readonly topic?: string
  readonly username?: string
  readonly passwordFile?: string
  readonly ca?: string
  /** What came out of a line, as it was. */
  readonly file?: string
  /** The id of the one device, where nothing tells devices apart. */
  readonly device?: string
  /** How long to listen once something makes sense, in milliseconds. */
  readonly listen?: number
  /** Whether devices on a line are asked for keyframes. */
  readonly ask?: boolean
  readonly write?: string
  readonly force?: boolean
  readonly json?: boolean
}

export interface InitPorts {
  readonly clock: Clock
  readonly lineDoor: (path: string, setting: PortSetting, clock: Clock) => LineDoor
  readonly brokerDoor: (access: BrokerAccess, clientId: string, clock: Clock) => BrokerDoor
}

/** How long to listen where nobody says so. */
export const LISTEN_MS = 120_000

export const realPorts: InitPorts = {
  clock: systemClock,
  lineDoor: (path, setting, clock) => lineSettings({ ...plainLine, ...setting, path }, clock).door,
  brokerDoor: visitorDoor,
}

/** What a door needs to know; how it is cut is found out. */
const plainLine = {
  kind: 'serial',
  dataBits: 8,
  stopBits: 1,
  flowControl: 'none',
  framing: 'cobs',
  crc: 'crc32',
  address: 'none',
  maxFrame: 4096,
  device: 'survey',
} as const

/** What was heard, or the exit code for why nothing was. */
export type Heard =
  | { readonly source: HeardLine | HeardTopic; readonly devices: readonly HeardDevice[] }
  | number
