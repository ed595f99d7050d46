import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type BrokerAccess, BrokerError, parseTopicTemplate } from '../transport/index.js'
import { surveyed } from './init-devices.js'
import { type Heard, type InitOptions, type InitPorts, LISTEN_MS } from './init-options.js'
import type { HeardTopic } from './init-proposal.js'
import { listenToTopic } from './init-topic.js'
import { type CommandIo, Exit } from './io.js'

/** Listens to a topic of a broker. */
export async function hearTopic(
  url: string,
  options: InitOptions,
  io: CommandIo,
  { clock, brokerDoor: doorTo }: InitPorts,
): Promise<Heard> {
  const topic = options.topic ?? 'alec/{device}/frame'
  const named = topic.split('/').includes('{device}')
  try {
    const template = parseTopicTemplate(topic, named ? undefined : (options.device ?? 'node-1'))
    const access = await accessOf(url, options, io)
    const door = doorTo(access, `alec-init-${process.pid}`, clock)
    const result = await listenToTopic({
      door,
      template,
      clock,
      listenMs: options.listen ?? LISTEN_MS,
      signal: io.signal,
      onProgress: (text) => io.stderr(`${door.address}: ${text}\n`),
    })
    if (result.kind === 'closed') {
      io.stderr(`${result.end.reason}\n`)
      return Exit.unavailable
    }
    if (result.kind === 'nothing') {
      const old = result.retained > 0 ? ` (and ${result.retained} retained ones, of any age)` : ''
      io.stderr(`${topic}: ${result.messages} messages${old}, in which there are no ALEC frames\n`)
      return Exit.unavailable
    }
    const source: HeardTopic = {
      kind: 'topic',
      urls: [url],
      username: options.username,
      // As the file may come to lie anywhere.
      passwordFile: options.passwordFile && resolve(io.cwd, options.passwordFile),
      caFile: options.ca && resolve(io.cwd, options.ca),
      topic,
      payload: result.payload,
      payloadEvidence: `${result.frames} of ${result.messages} messages hold a frame there`,
    }
    return surveyed(source, result.devices, options, io)
  } catch (error) {
    if (error instanceof BrokerError || (error instanceof Error && 'path' in error)) {
      io.stderr(`${error.message}\n`)
      return Exit.usage
    }
    throw error
  }
}

async function accessOf(
  url: string,
  { username, passwordFile, ca }: InitOptions,
  { cwd }: CommandIo,
): Promise<BrokerAccess> {
  const read = (file: string) => readFile(resolve(cwd, file), 'utf8')
  return {
    urls: [url],
    ...(username !== undefined && { username }),
    ...(passwordFile !== undefined && { password: (await read(passwordFile)).trim() }),
    ...(ca !== undefined && { tls: { ca: await read(ca), insecure: false } }),
  }
}
