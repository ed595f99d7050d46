import type { SimulatedDevice } from './device.js'
import type { LineFaults } from './faults/index.js'
import type { Link } from './links/index.js'

/** A device and its way to the bridge. */
export interface FleetMember {
  readonly device: SimulatedDevice
  readonly link: Link
  /** What the wire does to its bytes, where it is on a wire. */
  readonly lineFaults?: LineFaults
}
