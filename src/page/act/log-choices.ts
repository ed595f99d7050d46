/** What the log can be written from on; a test compares it with the configuration's. */
export const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

/** Parts of the log that can have a level of their own. */
export const PARTS = [
  'clock',
  'configuration',
  'devices',
  'discovery',
  'doors',
  'journal',
  'publish',
  'requests',
  'summary',
] as const
