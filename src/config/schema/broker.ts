import * as z from 'zod'
import {
  addresses,
  clientFiles,
  flag,
  label,
  list,
  mqttUrl,
  path,
  serverFiles,
  strict,
  text,
  whole,
} from './leaves.js'

/** As it stands in a certificate, too: host names and addresses of people are names. */
const USER = /^[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}$/
const USER_PHRASE = 'a name (a letter or digit, then up to 63 letters, digits, _ . @ or -)'
const CLIENT_ID = /^[A-Za-z0-9][A-Za-z0-9_.:|@-]{0,127}$/

const filters = () =>
  list(z.string({ error: 'a topic filter' }), 'a list of topic filters').optional()

const userSchema = strict({
  name: text(USER, USER_PHRASE).meta({
    description: 'The user, which is also the MQTT client id that it has to use.',
  }),
  password_file: path('the path of a file with the password').optional().meta({
    description:
      'File with the password in one line, or with the line that alec-bridge password makes of it.',
  }),
  client_ids: list(text(CLIENT_ID, 'an MQTT client id'), 'a list of client ids')
    .min(1, { error: 'at least one client id' })
    .optional()
    .meta({ description: 'The client ids of this user, where they are others than its name.' }),
  publish: filters().meta({
    description: 'What it may publish; with neither publish nor subscribe, what a device needs.',
    examples: [['alec/greenhouse-1/frame']],
  }),
  subscribe: filters().meta({
    description: 'What it may subscribe, narrower filters included.',
    examples: [['alec/#']],
  }),
  admin: flag().default(false).meta({
    description: 'May publish, retain and subscribe everything, and see who is connected.',
  }),
  persistent: flag().default(false).meta({
    description:
      'Keeps its session while it is away, and the last 1000 messages that it missed, until the bridge stops.',
  }),
})

const listenerTlsSchema = strict({
  ...serverFiles(),
  ca: path('the path of a PEM file').optional().meta({
    description:
      'File with the authority of the clients, PEM: each then needs a certificate whose common name is its user.',
  }),
}).meta({ description: 'Makes it an mqtts: broker; needed where other machines are to reach it.' })

const embeddedSchema = strict({
  host: text(/^\S{1,255}$/, 'an address such as 127.0.0.1')
    .default('127.0.0.1')
    .meta({
      description:
        'The address to listen on; with tls and users also one that other machines reach, such as 0.0.0.0.',
    }),
  port: whole(0, 65_535).default(1883).meta({ description: 'The TCP port; 0 takes any free one.' }),
  tls: listenerTlsSchema.optional(),
  users: list(userSchema, 'a list of users')
    .min(1, { error: 'at least one user' })
    .optional()
    .meta({
      description:
        'Who may connect, and what each may publish and subscribe; without it, every program on this machine.',
    }),
}).meta({
  description:
    'A small MQTT 3.1.1 broker inside the bridge, for trying out and for single machines; the default.',
})

const urlSchema = mqttUrl('a URL such as mqtt://broker.example:1883 (or mqtts:, ws:, wss:)')

const PIN_PHRASE = 'a pin: sha256/ and the hash of a public key in base64 (44 characters)'
const pinSchema = text(/^sha256\/[A-Za-z0-9+/]{43}=$/, PIN_PHRASE)

const tlsSchema = strict({
  ...clientFiles(),
  pin: z
    .union([pinSchema, list(pinSchema, 'a list of pins').min(1, { error: 'at least one pin' })], {
      error: PIN_PHRASE,
    })
    .optional()
    .meta({
      description:
        "The public key that the broker's certificate must have besides, or a list of them: sha256/ and the hash in base64.",
    }),
  insecure: flag().default(false).meta({
    description: 'Takes any certificate: anybody in between can read and change everything.',
  }),
}).meta({ description: 'How to trust the broker and be trusted; for mqtts: and wss: URLs.' })

/** The broker that readings go to and MQTT sources come from. */
export const brokerSchema = strict({
  embedded: embeddedSchema.optional(),
  url: addresses(urlSchema, 'a URL such as mqtt://broker.example:1883, or a list of them')
    .optional()
    .meta({
      description: 'An existing broker, or a list of addresses that are tried in turn.',
      examples: ['mqtt://192.168.1.10:1883', 'mqtts://broker.example:8883'],
    }),
  username: label(256).optional(),
  password: z
    .string({ error: 'text' })
    .min(1, { error: 'text' })
    .optional()
    .meta({ description: 'Only in a file of mode 0600; password_file is the better place.' }),
  password_file: path('the path of a file with the password')
    .optional()
    .meta({
      description: 'File that holds the password and nothing else; relative to this file.',
      examples: ['/etc/alec-bridge/broker-password'],
    }),
  client_id: label(128).optional().meta({
    description: 'How we introduce ourselves; two clients of one id throw each other out.',
  }),
  protocol: z
    // Without quotes 5 is a number to YAML, and 3.1.1 is none.
    .literal(['auto', 5, '5', '3.1.1'], { error: 'auto, 5 or 3.1.1' })
    .optional()
    .meta({
      description: 'The version of MQTT; auto: 5 where the broker knows it, else 3.1.1.',
      default: 'auto',
    }),
  tls: tlsSchema.optional(),
}).meta({ description: 'The MQTT broker: the embedded one, or an existing one by its url.' })

export type BrokerInput = z.output<typeof brokerSchema>

export type EmbeddedInput = NonNullable<BrokerInput['embedded']>
export type UserInput = NonNullable<EmbeddedInput['users']>[number]
