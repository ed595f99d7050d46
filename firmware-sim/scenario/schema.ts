import { z } from 'zod'
import { maxChannels } from '../../src/alec/index.js'
import { sensorKindNames } from '../signals/index.js'
import { parseDuration } from './duration.js'

const durationExpected = 'Invalid input: expected a duration with its unit (500ms, 2s, 5min, 1h)'
const duration = z.string({ error: durationExpected }).transform((text, context) => {
  const ms = parseDuration(text)
  if (ms !== undefined) return ms
  context.addIssue({ code: 'custom', message: durationExpected, input: text })
  return z.NEVER
})

/** What becomes part of ids and topics. */
const id = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, {
  error: 'Invalid input: expected 1 to 64 letters, digits, _ and -, a letter or a digit first',
})
const chance = z.number().min(0).max(1)
const whole = z.int().min(0)

type Camel<S extends string> = S extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<Camel<Tail>>}`
  : S
type CamelKeys<T> = {
  [K in keyof T as K extends string ? Camel<K> : K]: Exclude<T[K], undefined>
}

const camelKeys = <T extends object>(object: T): CamelKeys<T> =>
  Object.fromEntries(
    Object.entries(object).map(([key, value]) => [
      key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
      value,
    ]),
  ) as CamelKeys<T>

/** Chances as in `FaultRates`; what is left out is that of the scenario, else nothing goes wrong. */
const faults = z
  .strictObject({
    reboots: chance,
    not_finite: chance,
    downlink_loss: chance,
    loss: chance,
    bursts: chance,
    burst_length: z.number().min(1),
    silences: chance,
    silence_length: duration,
    boot_loss: whole,
    duplicates: chance,
    reorders: chance,
    displacement: z.int().min(1),
    truncated: chance,
    garbage: chance,
    bit_errors: chance,
    byte_loss: chance,
    byte_duplicates: chance,
    byte_inserts: chance,
    noise_runs: chance,
    noise_length: z.number().min(1),
    error_bursts: chance,
    error_burst_length: z.number().min(1),
    overruns: chance,
    overrun_length: z.number().min(1),
  })
  .partial()
  .transform(({ silence_length: silenceMs, ...rest }) => ({
    ...camelKeys(rest),
    ...(silenceMs !== undefined && { silenceMs }),
  }))

const line = {
  framing: z.enum(['cobs', 'slip', 'length', 'hex']).default('cobs'),
  crc: z.enum(['crc32', 'crc16', 'none']).default('crc32'),
  /** `byte` puts all of a link's devices on one line; `none` gives each of them its own. */
  address: z.enum(['none', 'byte']).default('none'),
}

const link = z.union([
  z.strictObject({ pty: z.strictObject(line) }),
  z.strictObject({
    tcp: z.strictObject({
      ...line,
      host: z.string().default('127.0.0.1'),
      /** Of the first line; further ones count up. 0: any free ones. */
      port: z.int().min(0).max(65_535).default(0),
    }),
  }),
  z.strictObject({
    mqtt: z.strictObject({
      base_topic: z.string().min(1).default('alec'),
      qos: z.literal([0, 1, 2]).default(1),
      /** Default: the broker that the fleet is started with. */
      url: z.string().optional(),
    }),
  }),
])

const kind = z.enum(sensorKindNames)

const channel = z.union([
  kind.transform((name) => ({ name: name as string, kind: name, source: undefined })),
  z.strictObject({ name: id, kind, source: whole.max(2 ** 32 - 1).optional() }),
])

const group = z.strictObject({
  /** A device's id; `{n}` stands for its number, from 1. */
  name: z.string().min(1),
  count: z.int().min(1).max(100_000).default(1),
  link: id,
  /** Of the first device on a line of addresses; default: the first that is free. */
  address: z.int().min(0).max(255).optional(),
  frames: z.enum(['compact', 'standard', 'adaptive-multi', 'plain-multi']).default('compact'),
  profile: z.enum(['alec-1.3', 'closed-loop']).default('alec-1.3'),
  interval: duration,
  keyframe_interval: whole.default(50),
  scale: z.int().min(1).default(100),
  checksum: z.boolean().default(false),
  suppresses: z.boolean().default(false),
  channels: z.array(channel).min(1).max(maxChannels),
  faults: faults.optional(),
})

/** A scenario file. */
export const scenarioSchema = z.strictObject({
  version: z.literal(1),
  description: z.string().default(''),
  seed: z.union([z.int(), z.string()]).default(1),
  /** How many times faster than the clock everything goes. */
  speed: z.number().positive().default(1),
  /** How many times faster than the frames the world before the sensors goes. */
  time_lapse: z.number().positive().default(1),
  /** The simulation's time at the beginning; default: now. */
  start: z.iso
    .datetime()
    .transform((text) => Date.parse(text))
    .optional(),
  faults: faults.default({}),
  links: z.record(id, link),
  devices: z.array(group).min(1),
})

/** A scenario as it was read, durations in milliseconds, defaults filled in. */
export type Scenario = z.output<typeof scenarioSchema>
export type DeviceGroup = Scenario['devices'][number]
export type LinkSpec = Scenario['links'][string]
