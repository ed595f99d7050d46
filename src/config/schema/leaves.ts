import * as z from 'zod'
import { ID } from '../../names.js'
import { DURATION, parseDuration, parseSize, SIZE } from '../units.js'
import { alternatives } from '../wording.js'

// The `error` of every schema here is a phrase for what belongs in this place ("a number"): one reader turns it
// into "expected a number, got …" and adds what came.

/** Words an issue by what came in. */
type Phrase = (issue: { readonly input?: unknown }) => string

/** A map of just these keys; an unknown one is answered with the list of them. */
export const strict = <Shape extends z.core.$ZodLooseShape>(shape: Shape, phrase = 'a map') =>
  z.strictObject(shape, {
    error: ({ code }) => (code === 'unrecognized_keys' ? Object.keys(shape).join(', ') : phrase),
  })

export const choice = <const Words extends readonly string[]>(words: Words) =>
  z.enum(words, { error: alternatives(words) })

export const oneOf = <const Numbers extends readonly number[]>(numbers: Numbers) =>
  z.literal(numbers, { error: alternatives(numbers) })

export const flag = () => z.boolean({ error: 'true or false' })

/** YAML reads `7` and `true` as a number and a truth, which is no text before it is quoted. */
const inQuotes =
  (phrase: string): Phrase =>
  ({ input }) =>
    typeof input === 'number' || typeof input === 'boolean' ? `${phrase} in quotes` : phrase

export const text = (pattern: RegExp, phrase: string) =>
  z.string({ error: inQuotes(phrase) }).regex(pattern, { error: phrase })

/** Text for people: anything printable. */
export const label = (longest: number) =>
  text(
    new RegExp(`^[^\\x00-\\x1f\\x7f-\\x9f]{1,${longest}}$`),
    `text of 1 to ${longest} characters without control characters`,
  )

/** What others call something: a number, or printable text. */
export const wordOrNumber = (longest: number) => {
  const error = `a number, or text of 1 to ${longest} characters without control characters`
  return z.union([z.int(), label(longest)], { error })
}

export const path = (phrase: string) =>
  // A line break means that somebody pasted the content: it must not be taken for a name and shown.
  text(/^[^\0\r\n]{1,4096}$/, phrase)

/** One address of a kind, or a list of them that are tried in turn. */
export const addresses = (url: ReturnType<typeof text>, phrase: string) =>
  z.union([url, list(url, 'a list of URLs').min(1, { error: 'at least one URL' })], {
    error: phrase,
  })

/** Of an MQTT broker; no user or password in it. */
export const mqttUrl = (phrase: string) =>
  text(/^(?:mqtts?|wss?):\/\/[^\s/@]+(?:\/[^\s@]*)?$/, phrase)

const pemFile = () => path('the path of a PEM file')

/** What a client of a TLS server trusts, and shows. */
export const clientFiles = () => ({
  ca: pemFile().optional().meta({
    description:
      'File with the certificate authorities to trust, PEM; default: those of the system.',
  }),
  cert: pemFile().optional().meta({
    description: 'File with our certificate, PEM; needs key.',
  }),
  key: pemFile().optional().meta({
    description: 'File with the private key of our certificate, PEM; needs cert.',
  }),
})

/** What a TLS server shows. */
export const serverFiles = () => ({
  cert: pemFile().meta({
    description: 'File with the certificate and those between it and its authority, PEM.',
  }),
  key: pemFile().meta({ description: 'File with the private key of the certificate, PEM.' }),
})

// A dot is a level to some brokers, where topics become routing keys.
const LEVEL = '[^\\s+#$/.\\x00-\\x1f\\x7f-\\x9f]+'
const PLAIN_TOPIC = new RegExp(`^${LEVEL}(?:/${LEVEL})*$`)

/** A topic that something is published on, or that begins those that are. */
export const plainTopic = () =>
  text(PLAIN_TOPIC, 'a topic without wildcards, spaces, dots and empty levels')

export const ID_PHRASE = 'an id (a letter or digit, then up to 63 letters, digits, _ or -)'

export const id = () => text(ID, ID_PHRASE)

export const whole = (least: number, most: number) => {
  const error = `a whole number from ${least} to ${most}`
  return z.int({ error }).min(least, { error }).max(most, { error })
}

export const number = () => z.number({ error: 'a number' })

export const positive = () => {
  const error = 'a number above 0'
  return z.number({ error }).positive({ error })
}

/** A bare number is answered with itself, written right. */
export const withUnit =
  (phrase: string, unit: string): Phrase =>
  ({ input }) =>
    typeof input === 'number' && input >= 0 ? `${phrase}: write ${input}${unit}` : phrase

export function duration(least = '1ms', most = '365d') {
  const phrase = `a duration with its unit from ${least} to ${most}`
  const [min, max] = [parseDuration(least) ?? 0, parseDuration(most) ?? 0]
  return z
    .string({ error: withUnit(phrase, 's') })
    .regex(DURATION, { error: phrase, abort: true })
    .refine((value) => within(parseDuration(value), min, max), { error: phrase })
    .transform((value) => parseDuration(value) ?? 0)
}

export function size(least: string, most: string) {
  const phrase = `a size with its unit from ${least} to ${most}`
  const [min, max] = [parseSize(least) ?? 0, parseSize(most) ?? 0]
  return z
    .string({ error: withUnit(phrase, 'B') })
    .regex(SIZE, { error: phrase, abort: true })
    .refine((value) => within(parseSize(value), min, max), { error: phrase })
    .transform((value) => parseSize(value) ?? 0)
}

const within = (value: number | undefined, min: number, max: number): boolean =>
  value !== undefined && value >= min && value <= max

export const list = <Item extends z.core.$ZodType>(item: Item, phrase: string) =>
  z.array(item, { error: phrase })

/**
 * A map with free keys. Editors are told what the keys look like, and the checks see to it: the schema would
 * pass over the value of a key that it refuses, and not say what else is wrong there.
 */
export const mapOf = <Value extends z.core.$ZodType>(keys: RegExp, value: Value, phrase: string) =>
  z
    .record(z.string(), value, { error: phrase })
    .meta({ propertyNames: { type: 'string', pattern: keys.source } })
