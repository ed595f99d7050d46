import { cpus } from 'node:os'

/** What a figure was measured on. */
export const machine = (): string =>
  `${cpus()[0]?.model.trim() || 'unknown processor'} × ${cpus().length}, Node ${process.versions.node}`
