import * as z from 'zod'
import { flag, id, label, list, path, strict, text, whole } from './leaves.js'

const userSchema = strict({
  name: id().meta({ description: 'The user, who is also the MQTT client id.' }),
  password_file: path('the path of a file with the password'),
  publish: list(z.string({ error: 'a topic' }), 'a list of topics').optional(),
  subscribe: list(z.string({ error: 'a topic filter' }), 'a list of topic filters').optional(),
  admin: flag().optional(),
})

const embeddedSchema = strict({
  host: text(/^\S{1,255}$/, 'a loopback address such as 127.0.0.1')
    .default('127.0.0.1')
    .meta({ description: 'The address to listen on; loopback addresses only.' }),
  port: whole(0, 65_535).default(1883).meta({ description: 'The TCP port; 0 takes any free one.' }),
  users: list(userSchema, 'a list of users')
    .optional()
    .meta({ description: 'Who may connect, and what each may publish and subscribe.' }),
}).meta({
  description:
    'A small MQTT 3.1.1 broker inside the bridge, for trying out and for single machines; the default.',
})

const urlSchema = text(
  /^(?:mqtts?|wss?):\/\/[^\s/@]+(?:\/[^\s@]*)?$/,
  'a URL such as mqtt://broker.example:1883 (or mqtts:, ws:, wss:)',
)

const PIN_PHRASE = 'a pin: sha256/ and the hash of a public key in base64 (44 characters)'
const pinSchema = text(/^sha256\/[A-Za-z0-9+/]{43}=$/, PIN_PHRASE)

const tlsSchema = strict({
  ca: path('the path of a PEM file').optional().meta({
    description:
      'File with the certificate authorities to trust, PEM; default: those of the system.',
  }),
  cert: path('the path of a PEM file')
    .optional()
    .meta({ description: 'File with our certificate, PEM; needs key.' }),
  key: path('the path of a PEM file')
    .optional()
    .meta({ description: 'File with the private key of our certificate, PEM; needs cert.' }),
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
  url: z
    .union([urlSchema, list(urlSchema, 'a list of URLs').min(1, { error: 'at least one URL' })], {
      error: 'a URL such as mqtt://broker.example:1883, or a list of them',
    })
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
