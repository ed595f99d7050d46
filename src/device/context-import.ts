import {
  type Context,
  ExactDecoder,
  evolutionPeriod,
  importAlcs,
  type SourceRecord,
  savedEstimate,
} from '../alec/index.js'
import { closedCircuit } from '../resilience/index.js'
import { IN_DOUBT } from './context-doubts.js'
import type { DeviceProfile } from './profile.js'
import type { SessionMemory } from './session-memory.js'
import { SideMessages } from './side-messages.js'
import { Tally } from './tally.js'
import { modulo } from './version-track.js'

export type ImportOutcome =
  | { readonly ok: true; readonly memory: SessionMemory }
  /** Everything that speaks against it, for people. */
  | { readonly ok: false; readonly problems: readonly string[] }

/**
 * Makes a device exact by its encoder's own state: a session that is given this memory decodes on from there.
 *
 * `alcs` is what the encoder exported, `exportedAt` when it did (the bridge's monotonic milliseconds), `before` what
 * was known of the device. The promise rests on both being true: the bytes do not say whose state they are, nor how old.
 */
export function importContext(
  profile: DeviceProfile,
  alcs: Uint8Array,
  exportedAt: number,
  before?: SessionMemory,
): ImportOutcome {
  const read = importAlcs(alcs)
  if (!read.ok) {
    const { offset, message } = read.fault
    return { ok: false, problems: [`not a usable ALCS state: offset ${offset}: ${message}`] }
  }
  const context = read.value
  const decoder = new ExactDecoder(profile.decoder)
  const problems = [
    ...modelProblems(profile, before),
    ...contextProblems(profile, context),
    ...adoptAll(profile, context, decoder),
  ]
  if (problems.length > 0) return { ok: false, problems }
  const { stream } = before ?? {}
  const messages = new SideMessages()
  const channels = profile.names.length
  const phase = context.observations % evolutionPeriod
  const version = modulo(context.version, profile.versionModulus)
  messages.adopt(context.patterns(), version)
  return {
    ok: true,
    memory: {
      // They came before the state was exported.
      held: [],
      circuit: before?.circuit ?? closedCircuit(exportedAt),
      tally: before?.tally ?? new Tally().save(),
      misshapen: 0,
      source: before?.source ?? '',
      lastMono: before?.lastMono ?? exportedAt,
      lastSeen: before?.lastSeen ?? null,
      stream: {
        // What came before says nothing of the frames to come: numbers may repeat.
        epoch: (stream?.epoch ?? 0) + 1,
        begun: true,
        seq: 0,
        position: {
          sequence: null,
          track: { version, phaseLo: phase, phaseHi: phase },
          importedAt: exportedAt,
        },
        lastMono: exportedAt,
        observationsBefore: 0,
        estranged: 0,
        lost: stream?.lost ?? 0,
        reboots: stream?.reboots ?? 0,
        learnedMs: stream?.learnedMs ?? 0,
        recent: stream?.recent ?? [],
        messages: messages.save(),
        channels: decoder.estimates.map(savedEstimate),
        sync: {
          cause: null,
          message: '',
          outside: new Array<number>(channels).fill(0),
          unknown: new Array<number>(channels).fill(0),
          framesInRecovery: 0,
          goodInARow: 0,
        },
        falseDeclaration: null,
      },
    },
  }
}

function modelProblems({ spec }: DeviceProfile, before: SessionMemory | undefined): string[] {
  const problems: string[] = []
  if (spec.frames === 'standard' && spec.multi === 'plain')
    problems.push('its frames are plain multi frames: they carry whole values and need no state')
  if (spec.intervalMs === undefined && !before?.stream.learnedMs) {
    problems.push(
      'the model declares no interval: without one nobody can tell whether the device starts again in between',
    )
  }
  return problems
}

function contextProblems({ spec, names, decoder }: DeviceProfile, context: Context): string[] {
  const problems: string[] = []
  if (context.sensorType === IN_DOUBT) {
    problems.push(
      "a bridge exported it by force, as the nearest guess: it is not the encoder's own state, and its readings would be marked good",
    )
  }
  if (context.scale !== spec.scale) {
    problems.push(
      `its scale factor is ${context.scale}, that of the model ${spec.scale}: check the model's scale`,
    )
  }
  const ours = new Set(decoder.channels.map(({ key }) => key))
  const foreign = context.keys().filter((key) => !ours.has(key))
  if (foreign.length > 0) {
    problems.push(
      `it holds the keys ${foreign.join(', ')}, which are no channels of the model (${[...ours].join(', ')})`,
    )
  }
  // A compact frame observes every channel; only a closed-loop device takes them back at a keyframe.
  const all = spec.frames === 'compact' && spec.profile === 'alec-1.3' && context.observations > 0
  decoder.channels.forEach(({ key }, i) => {
    if (all && context.count(key) === 0)
      problems.push(`channel ${names[i]} (key ${key}) was never observed by it`)
  })
  return problems
}

function adoptAll({ names, decoder: model }: DeviceProfile, context: Context, into: ExactDecoder) {
  const records = new Map(context.records().map((record) => [record.key, record]))
  const problems: string[] = []
  model.channels.forEach(({ key }, i) => {
    const record: SourceRecord | undefined = records.get(key)
    const estimate = into.estimates[i]
    const { count = 0, last = 0, ema = 0 } = record ?? {}
    if (estimate?.adopt({ count, last, ema }) !== false) return
    const [declaration] = estimate.contradictions
    const why = declaration
      ? `contradicts its declared ${declaration}`
      : `and average ${ema} are none that such a device can have`
    problems.push(`channel ${names[i]}: its last value ${last} ${why}`)
  })
  return problems
}
