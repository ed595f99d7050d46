/**
 * The quantities whose physical range the decoder knows, for channels that declare none.
 * Only the names: the ranges are the codec's, and the suite compares the two lists.
 */
export const quantities: readonly string[] = [
  'temperature',
  'relative_humidity',
  'moisture',
  'atmospheric_pressure',
  'carbon_dioxide',
  'battery',
  'battery_voltage',
  'voltage',
  'current',
  'power_factor',
  'illuminance',
  'ph',
  'wind_speed',
  'wind_direction',
  'signal_strength',
]
