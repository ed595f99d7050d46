import type { SerialSourceConfig } from '../../src/config/configuration.js'

/** A serial source as the configuration room hands it out, with its defaults. */
export const lineConfig = (given: Partial<SerialSourceConfig> = {}): SerialSourceConfig => ({
  kind: 'serial',
  baudRate: 115_200,
  dataBits: 8,
  parity: 'none',
  stopBits: 1,
  flowControl: 'none',
  framing: 'cobs',
  crc: 'crc32',
  address: 'none',
  maxFrame: 4096,
  ...given,
})
