import { type Clock, systemClock } from '../clock.js'
import { compileProfile, keptMemory, type StreamMemory } from '../device/index.js'
import { Explainer, type Explanation, explanationText } from '../explanation/index.js'
import { bytesOf, jsonLine } from '../spelling.js'
import { load, modelOf } from './configuration.js'
import { type CommandIo, Exit } from './io.js'
import { lookAtState, stateDirectoryOf } from './kept-state.js'

export interface ExplainOptions {
  readonly config?: string
  readonly device: string
  /** Where the device's saved state is, to go on from; without it the device is new. */
  readonly stateDir?: string
  readonly json?: boolean
}

/** Where no interval is declared or learned any would do: each frame comes one later than the one before. */
const DEFAULT_INTERVAL_MS = 60_000

/**
 * Takes frames of one device, written in hexadecimal, apart field by field and says how their values follow. No
 * broker and no clock: each frame is one interval later than the one before. Resolves to the exit code: 65
 * where one is no frame of that device.
 */
export async function explain(
  hex: readonly string[],
  options: ExplainOptions,
  io: CommandIo,
  clock: Clock = systemClock,
): Promise<number> {
  const loaded = load(options.config, io)
  if (!loaded.ok) return loaded.exit
  const model = modelOf(loaded.value, options.device, io)
  if (!model.ok) return model.exit
  const frames = bytesOfAll(hex, io)
  if (!frames) return Exit.badData

  const profile = compileProfile(model.value)
  let memory: StreamMemory | undefined
  if (options.stateDir !== undefined) {
    const directory = stateDirectoryOf(options.stateDir, loaded.value, io)
    const { devices, forgotten } = await lookAtState(directory, loaded.value, clock, io)
    const kept = forgotten.includes(options.device)
      ? 'other-model'
      : keptMemory(profile, devices.get(options.device))
    if (typeof kept === 'string' || !kept.stream.position) {
      const why = kept === 'other-model' ? 'was kept under another model' : 'is not in that state'
      io.stderr(`device ${options.device} ${why}: ${directory}\n`)
      return Exit.badData
    }
    memory = kept.stream
  }
  const intervalMs = model.value.intervalMs ?? (memory?.learnedMs || DEFAULT_INTERVAL_MS)
  // With an interval the first silences are judged as they would be by a bridge that has seen many frames.
  const timed = compileProfile({ ...model.value, intervalMs })
  const explainer = new Explainer(timed, intervalMs, memory)
  let broken = false
  frames.forEach((bytes, i) => {
    const explanation = explainer.explain(bytes)
    broken ||= explanation.outcome.verdict === 'fault'
    if (options.json) io.stdout(jsonLine(flat(explanation)))
    else io.stdout(`${i > 0 ? '\n' : ''}${explanationText(explanation, timed.spec)}`)
  })
  return broken ? Exit.badData : Exit.ok
}

/** As in the lines of `decode`, the verdict stands beside what it says. */
function flat({ outcome, ...rest }: Explanation): object {
  if (outcome.verdict !== 'readings') return { ...rest, ...outcome }
  // Times are made up here.
  const events = outcome.events.map(({ wall: _, ...event }) => event)
  return { ...rest, ...outcome, events }
}

function bytesOfAll(hex: readonly string[], io: CommandIo): Uint8Array[] | undefined {
  const frames: Uint8Array[] = []
  for (const [i, text] of hex.entries()) {
    const bytes = bytesOf(text)
    if (bytes) frames.push(bytes)
    else {
      const shown = text.length > 40 ? `${text.slice(0, 40)}…` : text
      io.stderr(`frame ${i + 1}: "${shown}" is no sequence of hexadecimal byte pairs\n`)
    }
  }
  return frames.length === hex.length ? frames : undefined
}
