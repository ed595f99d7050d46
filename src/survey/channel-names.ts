import { deviceSourceId, quantityRange } from '../alec/index.js'

/** Names that firmware likes to give, and the quantity that each stands for. */
const names: readonly (readonly [name: string, quantity?: string])[] = [
  ['temperature', 'temperature'],
  ['temp', 'temperature'],
  ['humidity', 'relative_humidity'],
  ['pressure', 'atmospheric_pressure'],
  ['co2', 'carbon_dioxide'],
  ['battery'],
  ['voltage', 'voltage'],
  ['current', 'current'],
  ['power'],
  ['energy'],
  ['counter'],
  ['count'],
  ['level'],
  ['flow'],
  ['vibration'],
  ['rms'],
  ['moisture', 'moisture'],
  ['light'],
  ['illuminance', 'illuminance'],
  ['ph', 'ph'],
  ['wind_speed', 'wind_speed'],
  ['wind_direction', 'wind_direction'],
  ['rain'],
  ['distance'],
  ['speed'],
  ['rssi', 'signal_strength'],
]

/**
 * The names that the device library hashes to this source id and whose quantity can have these values: one in 127
 * fits by chance.
 */
export function namesOfSource(
  source: number,
  values: { readonly min: number; readonly max: number } | undefined,
): readonly string[] {
  return names
    .filter(([name, quantity]) => deviceSourceId(name) === source && isWithin(values, quantity))
    .map(([name]) => name)
}

function isWithin(
  values: { readonly min: number; readonly max: number } | undefined,
  quantity: string | undefined,
): boolean {
  const range = quantityRange(quantity)
  return !values || !range || (values.min >= range.min && values.max <= range.max)
}
