import { type NodeSpec, type SensorKindName, sensorKinds } from '../../firmware-sim/index.js'
import { deviceSourceId } from '../../src/alec/index.js'

export const startMs = Date.UTC(2026, 0, 1, 6)

/** A device's specification: compact temperature and humidity every second, but for what is given. */
export function nodeSpec(
  given: Partial<Omit<NodeSpec, 'channels'>> & { readonly kinds?: readonly SensorKindName[] } = {},
): NodeSpec {
  const { kinds = ['temperature', 'humidity'], ...rest } = given
  return {
    id: 'shed-1',
    frames: 'compact',
    profile: 'alec-1.3',
    intervalMs: 1000,
    keyframeInterval: 50,
    scale: 100,
    checksum: false,
    suppresses: false,
    timeLapse: 60,
    channels: kinds.map((kind) => ({
      name: kind,
      kind: sensorKinds[kind],
      source: deviceSourceId(kind),
    })),
    ...rest,
  }
}
