/** A physical range, in the quantity's usual unit. */
export interface QuantityRange {
  readonly unit: string
  readonly min: number
  readonly max: number
}

/**
 * What a sensor of each quantity can read at all: the range that holds where none is declared.
 * Wide on purpose: a range that a real reading leaves would be a false declaration.
 */
const ranges: Readonly<Record<string, QuantityRange>> = Object.freeze({
  temperature: { unit: '°C', min: -90, max: 150 },
  relative_humidity: { unit: '%', min: 0, max: 100 },
  moisture: { unit: '%', min: 0, max: 100 },
  atmospheric_pressure: { unit: 'hPa', min: 300, max: 1200 },
  carbon_dioxide: { unit: 'ppm', min: 0, max: 40_000 },
  battery: { unit: '%', min: 0, max: 100 },
  battery_voltage: { unit: 'V', min: 0, max: 60 },
  voltage: { unit: 'V', min: -1000, max: 1000 },
  current: { unit: 'A', min: -1000, max: 1000 },
  power_factor: { unit: '', min: -1, max: 1 },
  illuminance: { unit: 'lx', min: 0, max: 200_000 },
  ph: { unit: '', min: 0, max: 14 },
  wind_speed: { unit: 'm/s', min: 0, max: 120 },
  wind_direction: { unit: '°', min: 0, max: 360 },
  signal_strength: { unit: 'dBm', min: -200, max: 50 },
})

/** The default range of a quantity; undefined where the quantity has none or is not known. */
export function quantityRange(quantity: string | undefined): QuantityRange | undefined {
  if (quantity === undefined || !Object.hasOwn(ranges, quantity)) return undefined
  return ranges[quantity]
}

/** The quantities that have a default range. */
export const knownQuantities: readonly string[] = Object.keys(ranges)
