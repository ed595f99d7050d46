import type { ChannelFacts } from '../../http/feed/messages.js'

/** Units of a model's channels, by name. */
export type Units = ReadonlyMap<string, string>

export function unitsOf(
  models: Readonly<Record<string, readonly ChannelFacts[]>> = {},
): ReadonlyMap<string, Units> {
  return new Map(
    Object.entries(models).map(([model, channels]) => [
      model,
      new Map(channels.map(({ name, unit = '' }) => [name, unit])),
    ]),
  )
}
