/** What Home Assistant can make of a quantity. */
interface SensorClass {
  /** One of its device classes. */
  readonly deviceClass: string
  /** In which of its units the class is understood; an empty text stands for none. */
  readonly units: readonly string[]
  readonly stateClass: StateClass
}

export type StateClass = 'measurement' | 'measurement_angle' | 'total_increasing'

const measured = (deviceClass: string, ...units: string[]): SensorClass => ({
  deviceClass,
  units,
  stateClass: 'measurement',
})

/** A meter that counts up, and begins anew when it is replaced. */
const counted = (deviceClass: string, ...units: string[]): SensorClass => ({
  deviceClass,
  units,
  stateClass: 'total_increasing',
})

const PRESSURE = ['hPa', 'Pa', 'kPa', 'bar', 'cbar', 'mbar', 'mmHg', 'inHg', 'psi']
const CELSIUS = ['°C', '°F', 'K']
const VOLTS = ['V', 'mV', 'µV', 'μV', 'kV', 'MV']
// Both letters that look like µ: the micro sign, and the Greek one that Home Assistant writes itself.
const MASS_PER_VOLUME = ['µg/m³', 'μg/m³']
const FLUID = ['m³', 'L', 'mL', 'ft³', 'gal', 'CCF']
const WIND = ['m/s', 'km/h', 'kn', 'mph', 'ft/s', 'Beaufort']

/** By quantity: those that the configuration knows, and Home Assistant's own names of what is measured in numbers. */
const classes: Readonly<Record<string, SensorClass>> = Object.freeze({
  temperature: measured('temperature', ...CELSIUS),
  relative_humidity: measured('humidity', '%'),
  humidity: measured('humidity', '%'),
  absolute_humidity: measured('absolute_humidity', 'g/m³', 'mg/m³'),
  moisture: measured('moisture', '%'),
  atmospheric_pressure: measured('atmospheric_pressure', ...PRESSURE),
  pressure: measured('pressure', ...PRESSURE),
  carbon_dioxide: measured('carbon_dioxide', 'ppm'),
  carbon_monoxide: measured('carbon_monoxide', 'ppm'),
  battery: measured('battery', '%'),
  battery_voltage: measured('voltage', ...VOLTS),
  voltage: measured('voltage', ...VOLTS),
  current: measured('current', 'A', 'mA'),
  power: measured('power', 'W', 'mW', 'kW', 'MW', 'GW', 'TW'),
  power_factor: measured('power_factor', '', '%'),
  apparent_power: measured('apparent_power', 'VA'),
  reactive_power: measured('reactive_power', 'var'),
  energy: counted('energy', 'Wh', 'kWh', 'MWh', 'GWh', 'J', 'kJ', 'MJ', 'GJ'),
  frequency: measured('frequency', 'Hz', 'kHz', 'MHz', 'GHz'),
  illuminance: measured('illuminance', 'lx'),
  irradiance: measured('irradiance', 'W/m²'),
  ph: measured('ph', ''),
  conductivity: measured('conductivity', 'S/cm', 'mS/cm', 'µS/cm', 'μS/cm'),
  aqi: measured('aqi', ''),
  pm1: measured('pm1', ...MASS_PER_VOLUME),
  pm25: measured('pm25', ...MASS_PER_VOLUME),
  pm10: measured('pm10', ...MASS_PER_VOLUME),
  nitrogen_dioxide: measured('nitrogen_dioxide', ...MASS_PER_VOLUME),
  ozone: measured('ozone', ...MASS_PER_VOLUME),
  sulphur_dioxide: measured('sulphur_dioxide', ...MASS_PER_VOLUME),
  volatile_organic_compounds: measured('volatile_organic_compounds', ...MASS_PER_VOLUME, 'mg/m³'),
  volatile_organic_compounds_parts: measured('volatile_organic_compounds_parts', 'ppm', 'ppb'),
  sound_pressure: measured('sound_pressure', 'dB', 'dBA'),
  signal_strength: measured('signal_strength', 'dBm', 'dB'),
  wind_speed: measured('wind_speed', ...WIND),
  speed: measured('speed', 'm/s', 'km/h', 'kn', 'mph', 'ft/s', 'mm/d', 'in/d', 'in/h'),
  wind_direction: { deviceClass: 'wind_direction', units: ['°'], stateClass: 'measurement_angle' },
  precipitation: measured('precipitation', 'mm', 'cm', 'in'),
  precipitation_intensity: measured('precipitation_intensity', 'mm/h', 'mm/d', 'in/h', 'in/d'),
  distance: measured('distance', 'm', 'mm', 'cm', 'km', 'in', 'ft', 'yd', 'mi'),
  duration: measured('duration', 's', 'ms', 'min', 'h', 'd'),
  weight: measured('weight', 'kg', 'g', 'mg', 'µg', 'μg', 'oz', 'lb', 'st'),
  gas: counted('gas', 'm³', 'ft³', 'CCF'),
  water: counted('water', 'L', 'm³', 'gal', 'ft³', 'CCF'),
  volume: counted('volume', ...FLUID),
  volume_storage: measured('volume_storage', ...FLUID),
  volume_flow_rate: measured('volume_flow_rate', 'm³/h', 'L/min', 'ft³/min', 'gal/min'),
})

/** The quantities that have a class, as far as their unit is one of it. */
export const classedQuantities: readonly string[] = Object.keys(classes)

/**
 * The class of a channel. Nothing is converted, and no unit guessed: one that the class does not know leaves the class
 * out, for Home Assistant refuses an entity with both.
 */
export function sensorClass(
  quantity: string | undefined,
  unit: string | undefined,
): { readonly deviceClass?: string; readonly stateClass: StateClass } {
  const known = Object.hasOwn(classes, quantity ?? '') ? classes[quantity ?? ''] : undefined
  if (!known?.units.includes(unit ?? '')) return { stateClass: 'measurement' }
  const { deviceClass, stateClass } = known
  return { deviceClass, stateClass }
}
