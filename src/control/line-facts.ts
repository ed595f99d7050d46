import type { DeviceSession, LineFacts } from '../device/index.js'
import type { Source } from '../transport/index.js'

/** What is known now of each device's way in; of a device never heard, only whether its line is noisy. */
export function lineFacts(
  sources: readonly Source[],
): (session: Pick<DeviceSession, 'id' | 'source'>) => LineFacts {
  const open = new Set(
    sources.filter(({ state }) => state.kind === 'open').map((source) => source.id),
  )
  const noisy = sources.filter(({ noise }) => noise !== undefined)
  return ({ id, source }) => ({
    linkUp: source === '' || open.has(source),
    lineNoisy: noisy.some((door) => (source === '' ? door.serves(id) : door.id === source)),
  })
}

/** Another text whenever `lineFacts` of these doors would say something else of some device. */
export const lineStates = (sources: readonly Source[]): string =>
  sources.map(({ id, state, noise }) => `${id} ${state.kind} ${noise !== undefined}`).join('\n')
