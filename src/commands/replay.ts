import { randomBytes } from 'node:crypto'
import type { CapturedFrame } from '../capture/index.js'
import { type Clock, systemClock } from '../clock.js'
import type { Configuration } from '../config/index.js'
import type { BrokerAccess, BrokerDoor } from '../transport/index.js'
import { BrokerProbe } from './broker-probe.js'
import { load } from './configuration.js'
import { confirmed as saidYes } from './confirmed.js'
import { type CommandIo, Exit } from './io.js'
import { CaptureDecoder } from './replay-decode.js'
import { type Choice, chosenFrames, type InputFaults } from './replay-input.js'
import { type Published, publishFrames } from './replay-publish.js'
import { visitorDoor } from './visitor-door.js'
import { wayIn } from './way-in.js'

export interface ReplayOptions extends Choice {
  readonly config?: string
  /** Decodes them here, in place of publishing them. */
  readonly decode?: boolean
  /** So many times as fast as they came. */
  readonly speed?: number
  readonly asFastAsPossible?: boolean
  /** Publishes without asking. */
  readonly yes?: boolean
  /** How long the broker may take for each answer. */
  readonly timeout?: number
  readonly json?: boolean
}

export interface ReplayPorts {
  readonly clock: Clock
  readonly door: (access: BrokerAccess, clientId: string, clock: Clock) => BrokerDoor
}

const TIMEOUT_MS = 5000
/** At an embedded broker with users, who may publish frames. */
const PUBLISHER = 'replay'

const networkPorts: ReplayPorts = {
  clock: systemClock,
  door: visitorDoor,
}

/**
 * Plays a capture back: to the bridge, on the topics that it takes frames from, or to the decoder. Resolves to the exit
 * code: 65 where a line or a device had to be skipped, 69 where the broker does not take them.
 */
export async function replay(
  path: string,
  options: ReplayOptions,
  io: CommandIo,
  ports: ReplayPorts = networkPorts,
): Promise<number> {
  const problem = usageProblem(path, options, io)
  if (problem !== undefined) {
    io.stderr(`${problem}\n`)
    return Exit.usage
  }
  const loaded = load(options.config, io)
  if (!loaded.ok) return loaded.exit
  const faults: InputFaults = { faults: 0, torn: false }
  const frames = chosenFrames(path, options, faults, io)
  try {
    return options.decode
      ? await decodeFrames(frames, loaded.value, options, faults, io)
      : await playBack(frames, loaded.value, options, faults, io, ports)
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error
    io.stderr(`${error.message}\n`)
    return Exit.ioError
  }
}

function usageProblem(
  path: string,
  { decode, speed, asFastAsPossible, yes, json }: ReplayOptions,
  { columns }: CommandIo,
): string | undefined {
  const paced = speed !== undefined || asFastAsPossible
  if (speed !== undefined && asFastAsPossible)
    return '--speed and --as-fast-as-possible: give one of them'
  if (decode && paced)
    return '--decode takes the times that were recorded, and no longer than it needs'
  const asks = columns !== undefined && !json && path !== '-'
  return decode || yes || asks
    ? undefined
    : 'nobody can be asked here: --yes publishes the frames, --decode only decodes them'
}

async function decodeFrames(
  frames: AsyncIterable<CapturedFrame>,
  configuration: Configuration,
  { from = Number.NEGATIVE_INFINITY }: ReplayOptions,
  faults: InputFaults,
  io: CommandIo,
): Promise<number> {
  const unknown = new Map<string, number>()
  let broken = false
  const decoder = new CaptureDecoder(configuration, (told, { wall }) => {
    if (wall < from) return
    broken ||= told.verdict === 'fault'
    io.stdout(`${JSON.stringify(told)}\n`)
  })
  for await (const frame of frames) {
    const isKnown = decoder.accept(frame)
    if (!isKnown && frame.wall >= from)
      unknown.set(frame.device, (unknown.get(frame.device) ?? 0) + 1)
  }
  decoder.finish()
  for (const [device, count] of unknown)
    io.stderr(`${device}: not in the configuration; ${count} frames skipped\n`)
  return broken || faults.faults > 0 || unknown.size > 0 ? Exit.badData : Exit.ok
}

async function playBack(
  all: AsyncIterable<CapturedFrame>,
  configuration: Configuration,
  options: ReplayOptions,
  faults: InputFaults,
  io: CommandIo,
  { clock, door }: ReplayPorts,
): Promise<number> {
  const suffix = `replay-${randomBytes(4).toString('hex')}`
  const way = wayIn(configuration, { suffix, user: PUBLISHER })
  if (typeof way === 'string') {
    io.stderr(`${way}\n`)
    return Exit.configuration
  }
  const to = door(way.access, way.clientId, clock)
  const question = `Publish the frames at ${to.address}, as if their devices sent them now?`
  if (!options.yes && !(await saidYes(question, io))) {
    io.stdout('nothing was published\n')
    return Exit.ok
  }
  const probe = new BrokerProbe(to, clock, options.timeout ?? TIMEOUT_MS)
  try {
    const refusal = await probe.connected()
    if (refusal) {
      io.stderr(`${refusal.reason}\n`)
      return Exit.unavailable
    }
    const speed = options.asFastAsPossible ? Number.POSITIVE_INFINITY : (options.speed ?? 1)
    const frames = since(all, options.from)
    const published = await publishFrames(frames, probe, configuration, speed, clock, io.signal)
    report(published, faults, options, io)
    if (published.trouble !== undefined) return Exit.unavailable
    return faults.faults > 0 || published.homeless.size > 0 ? Exit.badData : Exit.ok
  } finally {
    await probe.close()
  }
}

async function* since(
  frames: AsyncIterable<CapturedFrame>,
  from = Number.NEGATIVE_INFINITY,
): AsyncGenerator<CapturedFrame> {
  for await (const frame of frames) if (frame.wall >= from) yield frame
}

function report(
  { confirmed, devices, homeless, trouble }: Published,
  { faults }: InputFaults,
  { json }: ReplayOptions,
  io: CommandIo,
): void {
  for (const [device, count] of homeless)
    io.stderr(
      `${device}: no MQTT source of the configuration brings its frames; ${count} skipped\n`,
    )
  if (trouble !== undefined) io.stderr(`${trouble}\n`)
  if (json) {
    const skipped = { lines: faults, devices: Object.fromEntries(homeless) }
    const ok = trouble === undefined
    io.stdout(`${JSON.stringify({ ok, frames: confirmed, devices, skipped })}\n`)
  } else io.stdout(`published: ${confirmed} frames of ${devices} devices\n`)
}
