import * as z from 'zod'
import { quantities } from '../quantities.js'
import {
  choice,
  duration,
  flag,
  id,
  label,
  list,
  number,
  positive,
  strict,
  text,
  whole,
} from './leaves.js'

/** One value of a device's frames. */
export const channelSchema = strict({
  name: id().meta({
    description: 'The key of the reading, and the last level of the per-channel topic.',
    examples: ['temperature'],
  }),
  quantity: text(/^[a-z][a-z0-9_]{0,63}$/, 'a quantity such as temperature or relative_humidity')
    .optional()
    .meta({
      description: 'What is measured; known ones bring their physical range.',
      examples: [...quantities],
    }),
  unit: label(32)
    .optional()
    .meta({ examples: ['°C', '%', 'hPa'] }),
  resolution: z
    .union([z.number(), z.string()], { error: 'a decimal such as 0.1, 0.05 or 1' })
    .optional()
    .meta({
      description:
        "The sensor's step: every value that it reports is an exact multiple. Lets readings be exact.",
      examples: [0.1, 0.01, 1],
    }),
  min: number().optional().meta({ description: 'The least that the sensor can physically read.' }),
  max: number().optional().meta({ description: 'The most that the sensor can physically read.' }),
  max_step: positive()
    .optional()
    .meta({ description: 'The most that the value can change between two frames.' }),
  tolerance: z
    .number({ error: 'a number from 0' })
    .min(0, { error: 'a number from 0' })
    .optional()
    .meta({
      description:
        'A reading is good when it is surely this close; default: half the resolution, else 1/scale.',
    }),
  source: z
    .union([whole(0, 2 ** 32 - 1), text(/^[^\0]{1,255}$/, 'a name')], {
      error:
        'a source id (a whole number from 0 to 4294967295), or the name that the device hashes to one',
    })
    .optional()
    .meta({
      description:
        'Standard frames: the source id, or the name id in multi frames; a name is hashed as the device library does.',
      examples: [7, 'humidity'],
    }),
}).meta({ description: 'One channel; in compact frames by its position in the list.' })

/** When a device has left the others of its model. */
const peersSchema = strict({
  deviations: positive().default(3).meta({
    description:
      "How many standard deviations of the others' means its own mean has to be away from them.",
  }),
  minimum: whole(3, 100_000).default(3).meta({
    description: 'How many devices have to be heard, itself included; a small fleet scatters more.',
  }),
}).meta({
  description:
    'Says when a device has left the others of this model: an event and a mark in its status.',
})

/** A kind of device: how its frames are built and what their values mean. */
export const modelSchema = strict({
  frames: choice(['compact', 'standard']).meta({
    description:
      'The frame family: compact (fixed channels, by position) or standard (channels by source id).',
  }),
  checksum: flag().optional().meta({
    description: 'Standard frames: whether the devices append an xxHash32.',
    default: false,
  }),
  profile: choice(['alec-1.3', 'closed-loop']).default('alec-1.3').meta({
    description:
      'alec-1.3: the device library; closed-loop: firmware that observes what we decode.',
  }),
  interval: duration()
    .optional()
    .meta({
      description: 'Time between two frames; learned where it is not declared.',
      examples: ['60s', '5min'],
    }),
  scale: whole(1, 2 ** 32 - 1)
    .default(100)
    .meta({ description: 'The scale factor of deltas that the firmware uses.' }),
  keyframe_interval: whole(0, 65_535)
    .optional()
    .meta({ description: 'Compact frames between scheduled keyframes; 0: never.', default: 50 }),
  multi: choice(['adaptive', 'plain']).optional().meta({
    description: 'Standard frames: which encoder makes multi frames.',
    default: 'adaptive',
  }),
  suppresses: flag().optional().meta({
    description:
      'Standard frames: the device observes values that it then does not send (priority 5).',
    default: false,
  }),
  peers: peersSchema.optional(),
  channels: list(channelSchema, 'a list of channels')
    .min(1, { error: 'at least one channel' })
    .max(255, { error: 'at most 255 channels' }),
}).meta({ description: 'A kind of device.' })

export type ChannelInput = z.output<typeof channelSchema>
export type ModelInput = z.output<typeof modelSchema>
