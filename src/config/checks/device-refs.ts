import type { Path } from '../problem.js'
import type { SourceInput } from '../schema/source.js'
import type { Piece } from '../survey.js'

/** A device that a source names. */
export interface DeviceRef {
  readonly device: string
  readonly path: Path
  /** The source, in words. */
  readonly source: string
}

/** Every device that the sources name, in the order of the sources. */
export function deviceRefs(sources: readonly Piece<SourceInput>[]): DeviceRef[] {
  return sources.flatMap(({ path, value }) =>
    (['serial', 'mqtt'] as const).flatMap((kind) => {
      const door = value?.[kind]
      if (!door) return []
      const source = `sources[${path.at(-1)}]`
      const one =
        door.device === undefined
          ? []
          : [{ device: door.device, path: [...path, kind, 'device'], source }]
      const many = Object.entries(door.devices ?? {}).map(([key, device]) => ({
        device,
        path: [...path, kind, 'devices', key],
        source,
      }))
      return [...one, ...many]
    }),
  )
}
