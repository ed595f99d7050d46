import * as z from 'zod'
import {
  choice,
  duration,
  flag,
  id,
  oneOf,
  positive,
  size,
  strict,
  whole,
  withUnit,
} from './leaves.js'

export const bridgeSchema = strict({
  id: id()
    .optional()
    .meta({
      description: 'The name of this bridge; default: the host name up to its first dot.',
      examples: ['gw-1'],
    }),
}).meta({ description: 'This bridge.' })

export const outputsSchema = strict({
  qos: oneOf([0, 1, 2]).default(1).meta({ description: 'Quality of service of readings.' }),
  retain: flag().default(false).meta({ description: 'Whether the broker keeps the last reading.' }),
  per_channel: flag()
    .default(false)
    .meta({ description: 'Also publishes the good values as plain numbers, one topic a channel.' }),
  uncertain: choice(['mark', 'withhold']).default('mark').meta({
    description: 'Values that are not surely right: marked with their bound, or left out.',
  }),
  thin_interval: duration('1s', '1d').optional().meta({
    description: 'What journal.overflow: thin leaves of each device: one frame in so much time.',
    default: '60s',
  }),
}).meta({ description: 'How readings are published.' })

export const statusSchema = strict({
  interval: duration('1s', '1d').prefault('60s').meta({
    description: 'How often the status of each device is published when nothing changes.',
  }),
}).meta({ description: 'Status messages.' })

const lineAndMqtt = strict({
  line: duration().prefault('1s').meta({ description: 'On serial lines and TCP.' }),
  mqtt: duration().prefault('60s').meta({ description: 'On MQTT.' }),
})

export const resyncSchema = strict({
  on_drift: flag()
    .default(false)
    .meta({ description: 'Asks for a keyframe also when only rounding has widened the bounds.' }),
  min_interval: z
    .union([duration(), lineAndMqtt], {
      error: withUnit('a duration with its unit, or a map with line and mqtt', 's'),
    })
    .optional()
    .meta({
      description:
        'Least time between two requests to one device; default: 1s on lines, 60s on MQTT.',
      examples: [{ line: '1s', mqtt: '60s' }],
    }),
  per_day: whole(0, 1_000_000).optional().meta({
    description:
      'Most requests to one device in a day, where downlinks are dear; default: no limit.',
  }),
  bridge_per_second: positive()
    .default(5)
    .meta({ description: 'Most requests that the whole bridge sends in a second.' }),
}).meta({ description: 'Asking devices for a keyframe after a loss.' })

export const limitsSchema = strict({
  frames_per_second: positive()
    .default(50)
    .meta({ description: 'Most frames of one device in a second, on average; more are dropped.' }),
  burst: whole(1, 1_000_000)
    .default(200)
    .meta({ description: 'Frames that one device may send at once.' }),
  queue_size: size('64KiB', '4GiB')
    .prefault('16MiB')
    .meta({ description: 'Memory for publications while the broker is away.' }),
  port_frames_per_second: positive()
    .default(5000)
    .meta({ description: 'Most frames of one source in a second, on average; more are dropped.' }),
  port_burst: whole(1, 10_000_000)
    .default(10_000)
    .meta({ description: 'Frames that one source may bring at once.' }),
}).meta({ description: 'What keeps one device, or one source, from taking everything.' })

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

const partLevel = (description: string) => choice(LOG_LEVELS).optional().meta({ description })

const logPartsSchema = strict({
  clock: partLevel('Steps of the clock, and times in which nobody could hear.'),
  configuration: partLevel('What has changed in it.'),
  devices: partLevel('What happens to devices.'),
  discovery: partLevel('What Home Assistant is told.'),
  doors: partLevel('Sources and the broker: open, away.'),
  journal: partLevel('The journal and the state directory.'),
  publish: partLevel('Every message to the broker, at debug.'),
  requests: partLevel('Requests over MQTT.'),
  summary: partLevel('The line a minute, at info.'),
}).meta({ description: 'Parts with a level of their own.' })

export const LOG_PARTS = logPartsSchema.keyof().options

export const logSchema = strict({
  level: choice(LOG_LEVELS).default('info'),
  parts: logPartsSchema.prefault({}),
}).meta({ description: 'The log on standard output.' })

export const journalSchema = strict({
  max_size: size('1MiB', '1000GiB')
    .prefault('256MiB')
    .meta({ description: 'Most that it takes of the disk.' }),
  durability: z
    .union([choice(['strict', 'os', 'end-to-end']), strict({ batched: duration('1ms', '1min') })], {
      error: 'strict, os, end-to-end, or a map such as { batched: 1s }',
    })
    .default('strict')
    .meta({
      description:
        'strict: a frame is accepted once the disk has it; batched: written at this interval, to spare flash; os: left to the system; end-to-end: no disk, a frame is acknowledged once its readings are published.',
      examples: ['strict', { batched: '1s' }],
    }),
  overflow: choice(['block', 'drop-oldest', 'drop-newest', 'thin']).optional().meta({
    description:
      'When it is full: block (take nothing more), drop-oldest, drop-newest, or thin (one frame a device in outputs.thin_interval); default: block for MQTT, drop-oldest for lines.',
  }),
}).meta({ description: 'Keeps accepted frames on disk until their readings are published.' })
