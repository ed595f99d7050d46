import * as z from 'zod'
import {
  addresses,
  clientFiles,
  id,
  label,
  list,
  mqttUrl,
  path,
  strict,
  text,
  whole,
} from './leaves.js'

const amqpSchema = text(
  /^amqps?:\/\/[^\s/@]+(?:\/[^\s@/]*)?$/,
  'a URL such as amqp://broker.example:5672 (or amqps:)',
)

const MQTT_PHRASE = 'broker, or a URL such as mqtts://broker.example:8883, or a list of them'
const mqttSchema = mqttUrl(MQTT_PHRASE)

const tlsSchema = strict(clientFiles()).meta({
  description:
    'How to trust the other side of amqp or mqtt and be trusted; default: as broker.tls says.',
})

const REDIS_PHRASE = 'a URL such as redis://store.example:6379 (or rediss:)'
const redisUrl = text(/^rediss?:\/\/[^\s/@]+(?:\/\d{0,3})?$/, REDIS_PHRASE)

const stateSchema = strict({
  url: redisUrl.meta({
    description: 'The address of Redis; a number behind it names its database.',
  }),
  username: label(256).optional(),
  password_file: path('the path of a file with the password').optional().meta({
    description: 'File that holds the password and nothing else; relative to this file.',
  }),
  ...clientFiles(),
}).meta({
  description:
    'Redis (with the files of TLS for rediss:), where the bridges of the group keep what they know of the devices.',
})

/** Many bridges as one: a broker spreads the devices over them, Redis keeps what they know of them. */
export const clusterSchema = strict({
  amqp: addresses(amqpSchema, 'a URL such as amqp://broker.example:5672, or a list of them')
    .optional()
    .meta({
      description:
        "RabbitMQ's AMQP address, or a list of them that are tried in turn; user and password are those of broker.",
      examples: ['amqps://rabbit.example:5671'],
    }),
  mqtt: z
    .union(
      [
        z.literal('broker', { error: MQTT_PHRASE }),
        mqttSchema,
        list(mqttSchema, 'a list of URLs').min(1, { error: 'at least one URL' }),
      ],
      { error: MQTT_PHRASE },
    )
    .optional()
    .meta({
      description:
        'In place of amqp: shared subscriptions (MQTT 5) on a broker that deals messages by topic or client; broker: that of the readings, or other addresses of it that are tried in turn.',
      examples: ['broker'],
    }),
  tls: tlsSchema.optional(),
  group: id().meta({
    description: 'Names the bridges that share their devices: all of them say the same.',
    examples: ['plant-1'],
  }),
  partitions: whole(1, 1024).default(32).meta({
    description:
      'With amqp: into how many parts the devices are divided; several for each bridge that there will ever be. A group cannot change it.',
  }),
  prefetch: whole(1, 10_000).default(64).meta({
    description: 'With amqp: frames of one partition that are on their way at once.',
  }),
  state: z.union([redisUrl, stateSchema], { error: `${REDIS_PHRASE}, or a map with url` }),
}).meta({ description: 'Many bridges as one, on RabbitMQ or another broker, and Redis.' })

export type ClusterInput = z.output<typeof clusterSchema>
