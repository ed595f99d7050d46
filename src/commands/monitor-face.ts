/** What shows the devices, whatever it shows them on. */
export interface MonitorFace {
  /** Something is new of a device, or of all. */
  heard(device: string | undefined): void
  /** The broker is there. */
  listening(): void
  /** All that it had in store has come. */
  known(): void
  /** Nothing is heard until it is back. */
  away(reason: string): void
  /** Safe to call twice. */
  close(): void
}
