/** What can go wrong in the simulated world; each can be had alone and left out. */
export const faultKinds = [
  // In a device and on its way.
  'loss',
  'bursts',
  'silences',
  'duplicates',
  'reorders',
  'reboots',
  'not-finite',
  'truncated',
  'garbage',
  'downlink-loss',
  'flood',
  // On a wire.
  'bit-errors',
  'byte-faults',
  'unplug',
  // Between the bridge and its broker.
  'latency',
  'cuts',
  'stuck',
  'ack-loss',
  'outages',
  'amnesia',
  'refusals',
  // In the process and its machine.
  'freezes',
  'wall-steps',
  'restarts',
  'crashes',
  'power-loss',
  // On its disk.
  'slow-disk',
  'disk-full',
  'disk-errors',
  // Publications that the broker refuses by a reason code, again and again (MQTT 5).
  'rejections',
  // A journal that is too small for the times when the broker takes nothing.
  'small-journal',
  // No faults: people edit the configuration and have it read again, or ask for things.
  'edits',
  'requests',
] as const

export type FaultKind = (typeof faultKinds)[number]

/** How strong each is, 0 to 1; absent: not at all. */
export type Strengths = ReadonlyMap<FaultKind, number>

/** Whether devices may come, go and change while the bridge runs. */
export const hasPeople = (strengths: Strengths): boolean =>
  strengths.has('edits') || strengths.has('requests')
