import { randomBytes } from 'node:crypto'
import { type Clock, systemClock } from '../clock.js'
import type { Configuration } from '../config/index.js'
import type { BrokerAccess, BrokerDoor } from '../transport/index.js'
import type { BrokerProbe } from './broker-probe.js'
import { watchBroker } from './broker-watch.js'
import { load } from './configuration.js'
import { type CommandIo, Exit } from './io.js'
import type { MonitorFace } from './monitor-face.js'
import { MonitoredFleet } from './monitor-fleet.js'
import { MonitorLines } from './monitor-lines.js'
import { LiveMonitor } from './monitor-live.js'
import type { Order } from './monitor-rows.js'
import { PLAIN_SHAPES, SHAPES, type Shapes } from './monitor-words.js'
import { ownTopics } from './own-topics.js'
import { settled } from './retained.js'
import { processTerminal, type Terminal } from './terminal.js'
import { visitorDoor } from './visitor-door.js'
import { wayIn } from './way-in.js'

export interface MonitorOptions {
  readonly config?: string
  /** Shows them once, and ends. */
  readonly once?: boolean
  readonly sort?: Order
  readonly filter?: string
  readonly for?: number
  /** How long the broker may take for each answer. */
  readonly timeout?: number
  readonly json?: boolean
}

export interface MonitorPorts {
  readonly clock: Clock
  readonly door: (access: BrokerAccess, clientId: string, clock: Clock) => BrokerDoor
  /** Undefined where there is none. */
  readonly terminal: () => Terminal | undefined
}

const TIMEOUT_MS = 5000
/** At an embedded broker with users, who may listen. */
const LISTENER = 'monitor'

const realPorts: MonitorPorts = {
  clock: systemClock,
  door: visitorDoor,
  terminal: processTerminal,
}

/**
 * Shows how the devices are, by what their bridge publishes of them: as a live table on a terminal, else as lines.
 * Resolves to the exit code: 69 where the broker does not let us.
 */
export async function monitor(
  options: MonitorOptions,
  io: CommandIo,
  ports: MonitorPorts = realPorts,
): Promise<number> {
  const loaded = load(options.config, io)
  if (!loaded.ok) return loaded.exit
  const configuration = loaded.value
  // Several beside each other do not put each other out.
  const suffix = `monitor-${randomBytes(4).toString('hex')}`
  const way = wayIn(configuration, { suffix, user: LISTENER })
  if (typeof way === 'string') {
    io.stderr(`${way}\n`)
    return Exit.configuration
  }
  const { clock, door } = ports
  const fleet = new MonitoredFleet(configuration.baseTopic, isShared(configuration), clock)
  const ending = new AbortController()
  const end = () => ending.abort()
  const face = faceFor(fleet, options, io, ports, end)
  const cancel = options.for === undefined ? () => {} : clock.setTimer(options.for, end)
  const topics = topicsOf(configuration)
  /** Waits until all that is known has come. */
  const takeStock = async (probe: BrokerProbe): Promise<void> => {
    let isThere = await settled(probe, clock)
    if (isThere && fleet.devices.size === 0) {
      // Some brokers send nothing of what they keep to wildcards: all of it is in one topic, too.
      for (const filter of topics.snapshot) await probe.subscribe(filter)
      isThere = await settled(probe, clock)
    }
    if (isThere) face.known()
  }
  try {
    const refusal = await watchBroker(
      {
        door: () => door(way.access, way.clientId, clock),
        clock,
        timeoutMs: options.timeout ?? TIMEOUT_MS,
        filters: topics.always,
        onOpen: (probe) => probe.listen((message) => face.heard(fleet.hear(message))),
        onListening: (probe) => {
          face.listening()
          void takeStock(probe)
        },
        onAway: (reason) => face.away(reason),
      },
      AbortSignal.any([io.signal, ending.signal]),
    )
    face.close()
    if (refusal === undefined) return Exit.ok
    io.stderr(`${refusal}\n`)
    return Exit.unavailable
  } finally {
    cancel()
    face.close()
  }
}

const isShared = ({ cluster }: Configuration): boolean => cluster !== undefined

function faceFor(
  fleet: MonitoredFleet,
  { once = false, json = false, sort = 'worst first', filter = '' }: MonitorOptions,
  io: CommandIo,
  { clock, terminal }: MonitorPorts,
  onDone: () => void,
): MonitorFace {
  const look = { order: sort, filter, shapes: shapesFor(io.env), coloured: !io.env.NO_COLOR }
  const screen = once || json || io.env.TERM === 'dumb' ? undefined : terminal()
  return screen
    ? new LiveMonitor({ fleet, terminal: screen, clock, ...look, onQuit: onDone })
    : new MonitorLines({ fleet, io, clock, ...look, once, json, onDone })
}

/** Only where somebody has said that this is no terminal for Unicode. */
const shapesFor = ({ LC_ALL, LC_CTYPE, LANG }: CommandIo['env']): Shapes =>
  /utf-?8/i.test(LC_ALL || LC_CTYPE || LANG || 'utf-8') ? SHAPES : PLAIN_SHAPES

function topicsOf(configuration: Configuration) {
  const { baseTopic } = configuration
  const own = ownTopics(configuration)
  const ofAll = (kind: string) => (isShared(configuration) ? [`${baseTopic}/bridge/+/${kind}`] : [])
  return {
    always: new Set([
      own.state,
      ...ofAll('state'),
      own.devices,
      `${own.devices}/+`,
      `${baseTopic}/+/status`,
      `${baseTopic}/+/event`,
    ]),
    // Its first part, and the others.
    snapshot: [own.snapshot, `${own.snapshot}/+`, ...ofAll('snapshot'), ...ofAll('snapshot/+')],
  }
}
