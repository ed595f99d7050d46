import { randomBytes } from 'node:crypto'
import {
  type CaptureEnd,
  type CaptureSummary,
  CaptureWriter,
  captureHead,
} from '../capture/index.js'
import { type Clock, systemClock } from '../clock.js'
import type { Configuration, SerialSourceConfig } from '../config/index.js'
import { isDeviceId } from '../names.js'
import {
  type BrokerAccess,
  type BrokerDoor,
  createLineSource,
  type Source,
} from '../transport/index.js'
import { openTarget } from './capture-file.js'
import type { CaptureInlet, Deaf } from './capture-inlet.js'
import { PortInlet, serialSourceAt } from './capture-port.js'
import type { OpenedTarget } from './capture-target.js'
import { TopicInlet } from './capture-topics.js'
import { load } from './configuration.js'
import { frameEars } from './frame-ears.js'
import { type CommandIo, Exit } from './io.js'
import { version } from './version.js'
import { visitorDoor } from './visitor-door.js'
import { wayIn } from './way-in.js'

export interface CaptureOptions {
  readonly config?: string
  /** A serial source of the configuration, to be opened here; default: the topics of its MQTT sources. */
  readonly port?: string
  /** Only these; default: all. */
  readonly device?: readonly string[]
  readonly maxSize?: number
  readonly for?: number
  /** How long the broker may take for each answer. */
  readonly timeout?: number
  readonly json?: boolean
}

export interface CapturePorts {
  readonly clock: Clock
  readonly door: (access: BrokerAccess, clientId: string, clock: Clock) => BrokerDoor
  readonly line: (config: SerialSourceConfig, clock: Clock) => Source
}

const TIMEOUT_MS = 5000
/** At an embedded broker with users, who may listen. */
const LISTENER = 'capture'

const realPorts: CapturePorts = {
  clock: systemClock,
  door: visitorDoor,
  line: (config, clock) => createLineSource(config, { clock, random: Math.random }),
}

/**
 * Writes frames with their times to a file, until it is stopped or the file is full. Resolves to the exit code: 69 where
 * nothing could be heard at all, 74 where the file cannot be written.
 */
export async function capture(
  path: string,
  options: CaptureOptions,
  io: CommandIo,
  ports: CapturePorts = realPorts,
): Promise<number> {
  const problem = usageProblem(path, options)
  if (problem !== undefined) {
    io.stderr(`${problem}\n`)
    return Exit.usage
  }
  const loaded = load(options.config, io)
  if (!loaded.ok) return loaded.exit
  const inlet = inletOf(loaded.value, options, io, ports)
  if ('exit' in inlet) {
    io.stderr(`${inlet.reason}\n`)
    return inlet.exit
  }
  let opened: OpenedTarget
  try {
    opened = await openTarget(path, io, ports.clock)
  } catch (error) {
    io.stderr(`${path}: ${fileTrouble(error)}\n`)
    return Exit.ioError
  }
  const { summary, refused, deaf } = await record(inlet, opened, loaded.value, options, io, ports)
  if (deaf) {
    io.stderr(`${deaf.reason}\n`)
    if (summary.frames === 0) await opened.discard()
    return deaf.exit
  }
  report(opened, summary, refused, options, io)
  return summary.end === 'disk' ? Exit.ioError : Exit.ok
}

function usageProblem(
  path: string,
  { device = [], maxSize, json }: CaptureOptions,
): string | undefined {
  if (path === '-' && json) return '--json tells about a file: it does not go with standard output'
  if (maxSize !== undefined && maxSize < 4096) return '--max-size takes at least 4KiB'
  const wrong = device.find((id) => !isDeviceId(id))
  return wrong === undefined ? undefined : `${JSON.stringify(wrong)} is no device id`
}

function inletOf(
  configuration: Configuration,
  { port, timeout = TIMEOUT_MS }: CaptureOptions,
  io: CommandIo,
  { clock, door, line }: CapturePorts,
): CaptureInlet | Deaf {
  if (port !== undefined) {
    const source = serialSourceAt(port, configuration, io.cwd)
    if (source) return new PortInlet(line(source, clock))
    const known = configuration.sources.flatMap((one) =>
      one.kind === 'serial' && one.path !== undefined ? [one.path] : [],
    )
    const reason = `no serial source of the configuration is at ${port}; there are: ${known.join(', ') || 'none'}`
    return { exit: Exit.usage, reason }
  }
  const ears = frameEars(configuration)
  if (ears.length === 0) {
    const reason =
      'the configuration has no MQTT source: --port captures a serial line, and the request capture/start what a running bridge takes in'
    return { exit: Exit.usage, reason }
  }
  // Two of them beside each other do not put each other out.
  const suffix = `capture-${randomBytes(4).toString('hex')}`
  const way = wayIn(configuration, { suffix, user: LISTENER })
  if (typeof way === 'string') return { exit: Exit.configuration, reason: way }
  const doorTo = () => door(way.access, way.clientId, clock)
  return new TopicInlet({ ears, door: doorTo, clock, timeoutMs: timeout })
}

interface Recorded {
  readonly summary: CaptureSummary
  /** What came and was no frame of a device, by reason. */
  readonly refused: ReadonlyMap<string, number>
  readonly deaf: Deaf | undefined
}

async function record(
  inlet: CaptureInlet,
  { target, hurry }: OpenedTarget,
  { baseTopic }: Configuration,
  options: CaptureOptions,
  io: CommandIo,
  { clock }: CapturePorts,
): Promise<Recorded> {
  const wall = () => clock.wall()
  const head = captureHead({ program: version, sources: inlet.sources, baseTopic, wall: wall() })
  const ending = new AbortController()
  let end: CaptureEnd = 'stopped'
  const writer = new CaptureWriter({
    target,
    head,
    maxBytes: options.maxSize ?? Number.POSITIVE_INFINITY,
    mono: clock.mono(),
    wall,
    onFull: () => ending.abort(),
  })
  const cancel =
    options.for === undefined
      ? () => {}
      : clock.setTimer(options.for, () => {
          end = 'time'
          ending.abort()
        })
  const wanted = options.device && new Set(options.device)
  const refused = new Map<string, number>()
  const deaf = await inlet.listen(
    {
      onFrame: (frame) => {
        if (!wanted || wanted.has(frame.device)) writer.add(frame)
      },
      onRefused: (reason, times = 1) => refused.set(reason, (refused.get(reason) ?? 0) + times),
      onNews: (words) => {
        io.stderr(`${words}\n`)
        writer.remark(words)
      },
    },
    AbortSignal.any([io.signal, ending.signal]),
  )
  cancel()
  const unhurry = hurry()
  const summary = await writer.finish(end)
  unhurry()
  return { summary, refused, deaf }
}

function report(
  { name, slowness }: OpenedTarget,
  { end, frames, devices, bytes, missed, problem }: CaptureSummary,
  refused: ReadonlyMap<string, number>,
  { json }: CaptureOptions,
  io: CommandIo,
): void {
  if (problem !== undefined) io.stderr(`${name}: ${problem}\n`)
  if (json) {
    const told = { end, frames, devices, bytes, missed, refused: Object.fromEntries(refused) }
    io.stdout(`${JSON.stringify({ ok: end !== 'disk', file: name, ...told })}\n`)
    return
  }
  for (const [reason, count] of refused) io.stderr(`not captured: ${count} × ${reason}\n`)
  if (missed > 0) io.stderr(`not captured: ${missed} × ${slowness}\n`)
  const why = end === 'size' ? '; it is full' : ''
  io.stderr(`${name}: ${frames} frames of ${devices} devices, ${bytes} bytes${why}\n`)
}

function fileTrouble(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'EEXIST') return 'is there already, and a capture replaces nothing'
  return error instanceof Error ? error.message : String(error)
}
