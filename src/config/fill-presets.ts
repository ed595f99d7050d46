import type { Findings } from './findings.js'
import { type MappingKeys, presetOf } from './mappings.js'
import type { Path } from './problem.js'
import { isRawMap, type RawMap, type SourceTree } from './source-tree.js'

const DEFAULT_FRAME_PORT = 10
const DEFAULT_COMPONENT = 'alec'

/**
 * Writes into each MQTT source what its preset stands for, and the default topic where there is none, as if it had
 * been written there: whatever is wrong with it is found where the preset stands.
 */
export function fillPresets(tree: SourceTree, findings: Findings): void {
  const sources = tree.at(['sources'])
  if (!Array.isArray(sources)) return
  const base = tree.at(['base_topic'])
  const baseTopic = typeof base === 'string' ? base : 'alec'
  for (const [index, source] of sources.entries()) {
    if (!isRawMap(source) || !isRawMap(source.mqtt)) continue
    const path = ['sources', index, 'mqtt']
    fill(source.mqtt, { tree, path, baseTopic, findings })
    const { topic, preset, device } = source.mqtt
    if (topic !== undefined || preset !== undefined) continue
    if (device === undefined) tree.put([...path, 'topic'], `${baseTopic}/{device}/frame`, {})
    else findings.problem([...path, 'device'], 'needs topic: where the frames of this device come')
  }
}

interface Site {
  readonly tree: SourceTree
  readonly path: Path
  readonly baseTopic: string
  readonly findings: Findings
}

function fill(mqtt: RawMap, { tree, path, baseTopic, findings }: Site): void {
  const preset = presetOf(mqtt.preset)
  if (!preset) return
  const at = [...path, 'preset']
  const missing = preset.needs.filter((key) => mqtt[key] === undefined)
  for (const key of missing) findings.problem(at, `needs ${key}: ${MEANING[key]}`)
  if (missing.length > 0) return
  if (preset.isLorawan && tree.at(['resync', 'per_day']) === undefined) {
    findings.warning(
      at,
      'downlinks are few on LoRaWAN: bound the requests of a device by resync.per_day, and let two uplinks pass between them by resync.min_interval',
    )
  }
  const place = tree.placeOf(at)
  for (const [key, value] of Object.entries(preset.mapping(keysOf(mqtt, baseTopic)))) {
    if (mqtt[key] === undefined) tree.put([...path, key], value, place ? { value: place } : {})
  }
}

const MEANING = { application: 'the id of the application at the server' } as const

/** What is of another type the schema refuses; it must only not throw here. */
function keysOf(mqtt: RawMap, baseTopic: string): MappingKeys {
  const { application, tenant, f_port, component } = mqtt
  return {
    baseTopic,
    ...((typeof application === 'string' || typeof application === 'number') && {
      application: String(application),
    }),
    tenant: typeof tenant === 'string' ? tenant : 'ttn',
    fPort: typeof f_port === 'number' ? f_port : DEFAULT_FRAME_PORT,
    component: typeof component === 'string' ? component : DEFAULT_COMPONENT,
  }
}
