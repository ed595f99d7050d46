/**
 * What Home Assistant's documentation of MQTT discovery and its sensor entity ask of a payload, as one table. It is written
 * down apart from the program on purpose: a class or a unit that the program has wrong must not be right here.
 */

const all = ['measurement', 'measurement_angle', 'total', 'total_increasing'] as const
const m = ['measurement'] as const
const meter = ['total', 'total_increasing'] as const
type StateClasses = readonly string[]

const PRESSURE = 'Pa hPa kPa bar cbar mbar mmHg inHg psi mPa inH₂O'.split(' ')
const POWER = 'mW W kW MW GW TW BTU/h'.split(' ')
const ENERGY = 'J kJ MJ GJ mWh Wh kWh MWh GWh TWh cal kcal Mcal Gcal'.split(' ')
const VOLUME = ['L', 'mL', 'gal', 'fl. oz.', 'm³', 'ft³', 'CCF', 'MCF']
const FLOW = [
  'm³/h',
  'm³/min',
  'm³/s',
  'ft³/min',
  'L/h',
  'L/min',
  'L/s',
  'gal/d',
  'gal/h',
  'gal/min',
  'mL/s',
]
const DISTANCE = 'km m cm mm mi nmi yd in ft'.split(' ')
const SPEED = [
  'ft/s',
  'in/d',
  'in/h',
  'in/s',
  'km/h',
  'kn',
  'm/s',
  'm/min',
  'mph',
  'mm/d',
  'mm/s',
  'mm/h',
  'Beaufort',
]
const MICROGRAMS = ['µg/m³', 'μg/m³']

/** Sensor device classes: the units that each may have (an empty text: none) and its state classes. */
export const SENSOR_CLASSES: Readonly<
  Record<string, { readonly units: readonly string[]; readonly states: StateClasses }>
> = {
  absolute_humidity: { units: ['g/m³', 'mg/m³'], states: m },
  apparent_power: { units: ['mVA', 'VA', 'kVA'], states: m },
  aqi: { units: [''], states: m },
  area: { units: ['m²', 'cm²', 'km²', 'mm²', 'in²', 'ft²', 'yd²', 'mi²', 'ac', 'ha'], states: all },
  atmospheric_pressure: { units: PRESSURE, states: m },
  battery: { units: ['%'], states: m },
  blood_glucose_concentration: { units: ['mg/dL', 'mmol/L'], states: m },
  carbon_dioxide: { units: ['ppm'], states: m },
  carbon_monoxide: { units: ['ppm', 'ppb', 'mg/m³', ...MICROGRAMS], states: m },
  conductivity: { units: ['S/cm', 'mS/cm', 'µS/cm', 'μS/cm'], states: m },
  current: { units: ['A', 'mA'], states: m },
  data_rate: { units: ['bit/s', 'kbit/s', 'Mbit/s', 'B/s', 'kB/s', 'MB/s'], states: m },
  data_size: { units: ['bit', 'kbit', 'B', 'kB', 'MB', 'GB'], states: all },
  date: { units: [''], states: [] },
  distance: { units: DISTANCE, states: all },
  duration: { units: ['d', 'h', 'min', 's', 'ms', 'μs', 'µs'], states: all },
  energy: { units: ENERGY, states: meter },
  energy_distance: { units: ['kWh/100km', 'Wh/km', 'mi/kWh', 'km/kWh'], states: m },
  energy_storage: { units: ENERGY, states: m },
  enum: { units: [''], states: [] },
  frequency: { units: ['Hz', 'kHz', 'MHz', 'GHz'], states: m },
  gas: { units: ['L', 'm³', 'ft³', 'CCF', 'MCF'], states: meter },
  humidity: { units: ['%'], states: m },
  illuminance: { units: ['lx'], states: m },
  irradiance: { units: ['W/m²', 'BTU/(h⋅ft²)'], states: m },
  moisture: { units: ['%'], states: m },
  nitrogen_dioxide: { units: MICROGRAMS, states: m },
  nitrogen_monoxide: { units: MICROGRAMS, states: m },
  nitrous_oxide: { units: MICROGRAMS, states: m },
  ozone: { units: MICROGRAMS, states: m },
  ph: { units: [''], states: m },
  pm1: { units: MICROGRAMS, states: m },
  pm10: { units: MICROGRAMS, states: m },
  pm25: { units: MICROGRAMS, states: m },
  power: { units: POWER, states: m },
  power_factor: { units: ['', '%'], states: m },
  precipitation: { units: ['cm', 'in', 'mm'], states: all },
  precipitation_intensity: { units: ['in/d', 'in/h', 'mm/d', 'mm/h'], states: m },
  pressure: { units: PRESSURE, states: m },
  reactive_energy: { units: ['varh', 'kvarh'], states: meter },
  reactive_power: { units: ['mvar', 'var', 'kvar'], states: m },
  signal_strength: { units: ['dB', 'dBm'], states: m },
  sound_pressure: { units: ['dB', 'dBA'], states: m },
  speed: { units: SPEED, states: m },
  sulphur_dioxide: { units: MICROGRAMS, states: m },
  temperature: { units: ['°C', '°F', 'K'], states: m },
  timestamp: { units: [''], states: [] },
  volatile_organic_compounds: { units: [...MICROGRAMS, 'mg/m³'], states: m },
  volatile_organic_compounds_parts: { units: ['ppm', 'ppb'], states: m },
  voltage: { units: ['V', 'mV', 'µV', 'μV', 'kV', 'MV'], states: m },
  volume: { units: VOLUME, states: meter },
  volume_flow_rate: { units: FLOW, states: m },
  volume_storage: { units: VOLUME, states: m },
  water: { units: ['L', 'm³', 'gal', 'ft³', 'CCF', 'MCF'], states: meter },
  weight: { units: ['kg', 'g', 'mg', 'µg', 'μg', 'oz', 'lb', 'st'], states: all },
  wind_direction: { units: ['°'], states: ['measurement_angle'] },
  wind_speed: { units: ['Beaufort', 'ft/s', 'km/h', 'kn', 'm/s', 'mph'], states: m },
}

const BINARY_CLASSES: readonly string[] = ['connectivity', 'problem', 'running', 'power']

/** Keys at the top of a device payload; the first three are required, and no other key is allowed. */
const TOP_KEYS = [
  ...['device', 'origin', 'components'],
  ...['availability', 'availability_mode', 'availability_template', 'availability_topic'],
  ...['payload_available', 'payload_not_available', 'state_topic', 'command_topic'],
  ...['qos', 'encoding'],
]
const ORIGIN_KEYS = ['name', 'sw_version', 'support_url']
const DEVICE_KEYS = [
  ...['identifiers', 'connections', 'configuration_url', 'hw_version', 'manufacturer', 'model'],
  ...['model_id', 'name', 'serial_number', 'suggested_area', 'sw_version', 'via_device'],
]
const ENTITY_KEYS = [
  ...['platform', 'unique_id', 'default_entity_id', 'name', 'icon', 'entity_category'],
  ...['enabled_by_default', 'entity_picture', 'qos', 'encoding', 'expire_after', 'force_update'],
  ...['availability', 'availability_mode', 'availability_topic', 'availability_template'],
  ...['json_attributes_topic', 'json_attributes_template', 'state_topic', 'value_template'],
  'device_class',
]
const PLATFORM_KEYS: Readonly<Record<string, readonly string[]>> = {
  sensor: [
    ...['state_class', 'unit_of_measurement', 'suggested_display_precision', 'options'],
    'last_reset_value_template',
  ],
  binary_sensor: ['payload_on', 'payload_off', 'off_delay'],
}

const DISCOVERY_TOPIC = /^(?:[^/+#]+\/)+device\/[A-Za-z0-9_-]+\/config$/
const ENTITY_ID = /^(?!.+__)(?!_)[\da-z_]+(?<!_)\.(?!_)[\da-z_]+(?<!_)$/
const PUBLISHED_TOPIC = /^[^+#\0]+$/

type Doc = Readonly<Record<string, unknown>>
const isDoc = (value: unknown): value is Doc =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const docOf = (value: unknown): Doc => (isDoc(value) ? value : {})

/** Every rule that a payload breaks, in words; none where Home Assistant takes all of it. */
export function brokenRules(topic: string, payload: string): string[] {
  const faults: string[] = []
  const must = (holds: boolean, fault: string) => {
    if (!holds) faults.push(fault)
  }
  const onlyKeys = (doc: Doc, known: readonly string[], where: string) => {
    for (const key of Object.keys(doc)) must(known.includes(key), `${where}: unknown key ${key}`)
  }
  must(DISCOVERY_TOPIC.test(topic), `topic ${topic}`)
  const config = docOf(JSON.parse(payload))
  const device = docOf(config.device)
  const origin = docOf(config.origin)
  onlyKeys(config, TOP_KEYS, 'payload')
  onlyKeys(device, DEVICE_KEYS, 'device')
  onlyKeys(origin, ORIGIN_KEYS, 'origin')
  must(isText(origin.name), 'origin: a name is required')
  must(isListOfTexts(device.identifiers), 'device: identifiers or connections are required')
  must(isText(device.name), 'device: a name is required where entities have names of their own')
  faults.push(...availabilityFaults(config, 'payload'))
  must(Object.keys(docOf(config.components)).length > 0, 'components are required')
  const ids = new Map<string, string>()
  for (const [key, value] of Object.entries(docOf(config.components))) {
    const component = docOf(value)
    must(isText(component.platform), `${key}: a platform is required`)
    // By its platform alone an entity is removed.
    if (Object.keys(component).length === 1) continue
    faults.push(...entityFaults(key, component, config))
    for (const id of [component.unique_id, component.default_entity_id]) {
      must(!ids.has(String(id)), `${key}: ${String(id)} is that of ${ids.get(String(id))}`)
      ids.set(String(id), key)
    }
  }
  return faults
}

function entityFaults(key: string, entity: Doc, config: Doc): string[] {
  const faults: string[] = []
  const must = (holds: boolean, fault: string) => {
    if (!holds) faults.push(`${key}: ${fault}`)
  }
  const platform = String(entity.platform)
  const known = [...ENTITY_KEYS, ...(PLATFORM_KEYS[platform] ?? [])]
  must(platform in PLATFORM_KEYS, `platform ${platform}`)
  for (const one of Object.keys(entity)) must(known.includes(one), `unknown key ${one}`)
  must(isText(entity.unique_id), 'a unique_id is required in a device payload')
  must(isTopic(entity.state_topic ?? config.state_topic), 'a state_topic is required')
  must(
    entity.default_entity_id === undefined ||
      (ENTITY_ID.test(String(entity.default_entity_id)) &&
        String(entity.default_entity_id).startsWith(`${platform}.`)),
    `default_entity_id ${String(entity.default_entity_id)}`,
  )
  must(
    [undefined, 'diagnostic', 'config'].includes(optionalText(entity.entity_category)),
    'category',
  )
  // A sensor shows something: nobody sets it.
  must(entity.entity_category !== 'config', 'a sensor cannot be of the category config')
  must(entity.icon === undefined || /^mdi:[a-z0-9-]+$/.test(String(entity.icon)), 'icon')
  must(entity.expire_after === undefined || isWhole(entity.expire_after, 0), 'expire_after')
  must(
    entity.json_attributes_template === undefined || isTopic(entity.json_attributes_topic),
    'attributes without a topic',
  )
  faults.push(...availabilityFaults(entity, key))
  if (platform === 'sensor') faults.push(...sensorFaults(key, entity))
  else must(BINARY_CLASSES.includes(String(entity.device_class)), `class ${entity.device_class}`)
  return faults
}

function sensorFaults(key: string, sensor: Doc): string[] {
  const faults: string[] = []
  const must = (holds: boolean, fault: string) => {
    if (!holds) faults.push(`${key}: ${fault}`)
  }
  const unit = optionalText(sensor.unit_of_measurement)
  const state = optionalText(sensor.state_class)
  must(unit !== '', 'an empty unit')
  must(state === undefined || (all as readonly string[]).includes(state), `state class ${state}`)
  if (sensor.device_class !== undefined) {
    const known = SENSOR_CLASSES[String(sensor.device_class)]
    must(known !== undefined, `device class ${String(sensor.device_class)}`)
    must(known?.units.includes(unit ?? '') ?? true, `${unit} is no unit of ${sensor.device_class}`)
    must(
      state === undefined || (known?.states.includes(state) ?? true),
      `${state} is no state class of ${sensor.device_class}`,
    )
  }
  if (state === 'measurement_angle') must(unit === '°', 'an angle is in °')
  if (sensor.options !== undefined) {
    must(sensor.device_class === 'enum', 'options belong to the device class enum')
    must(isListOfTexts(sensor.options), 'options are a list that is not empty')
    must(state === undefined && unit === undefined, 'options go with no state class and no unit')
  } else must(sensor.device_class !== 'enum', 'the device class enum needs options')
  const precision = sensor.suggested_display_precision
  must(precision === undefined || isWhole(precision, 0), 'suggested_display_precision')
  return faults
}

function availabilityFaults(doc: Doc, where: string): string[] {
  const faults: string[] = []
  if (doc.availability !== undefined) {
    const list = Array.isArray(doc.availability) ? doc.availability : []
    if (list.length === 0) faults.push(`${where}: availability is a list`)
    for (const one of list) {
      if (!isTopic(docOf(one).topic)) faults.push(`${where}: availability without a topic`)
    }
    if (doc.availability_topic !== undefined)
      faults.push(`${where}: availability and availability_topic exclude each other`)
  }
  if (!['all', 'any', 'latest', undefined].includes(optionalText(doc.availability_mode)))
    faults.push(`${where}: availability_mode`)
  return faults
}

const isText = (value: unknown): boolean => typeof value === 'string' && value !== ''
const optionalText = (value: unknown): string | undefined =>
  value === undefined ? undefined : String(value)
const isListOfTexts = (value: unknown): boolean =>
  Array.isArray(value) && value.length > 0 && value.every(isText)
const isTopic = (value: unknown): boolean =>
  typeof value === 'string' && PUBLISHED_TOPIC.test(value)
const isWhole = (value: unknown, least: number): boolean =>
  Number.isInteger(value) && Number(value) >= least
