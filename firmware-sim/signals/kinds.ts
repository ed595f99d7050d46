import type { Random } from '../random.js'
import {
  carbonDioxide,
  freezerTemperature,
  humidity,
  outdoorTemperature,
  pressure,
  roomTemperature,
} from './climate.js'
import { battery, counter, flow, level, vibration } from './machines.js'
import type { Process } from './processes.js'

/** What a data sheet declares of a sensor, and so what a bridge may be told about a channel. */
export interface SensorKind {
  readonly quantity: string
  readonly unit: string
  /** The decimal as written; every value is an exact multiple of it. */
  readonly resolution: string
  readonly min: number
  readonly max: number
  /** The most that a value differs from the one measured before it. */
  readonly maxStep: number
  /** What goes on in front of the sensor. */
  readonly process: (random: Random) => Process
}

export type SensorKindName =
  | 'temperature'
  | 'freezer_temperature'
  | 'outdoor_temperature'
  | 'humidity'
  | 'pressure'
  | 'co2'
  | 'battery'
  | 'counter'
  | 'vibration'
  | 'level'
  | 'flow'

const thermometer = {
  quantity: 'temperature',
  unit: '°C',
  resolution: '0.1',
  min: -40,
  max: 85,
  maxStep: 2,
}

/** The sensors that a virtual node can carry. */
export const sensorKinds: Readonly<Record<SensorKindName, SensorKind>> = Object.freeze({
  temperature: { ...thermometer, process: roomTemperature },
  freezer_temperature: { ...thermometer, process: freezerTemperature },
  outdoor_temperature: { ...thermometer, process: outdoorTemperature },
  humidity: {
    quantity: 'relative_humidity',
    unit: '%',
    resolution: '1',
    min: 0,
    max: 100,
    maxStep: 10,
    process: humidity,
  },
  pressure: {
    quantity: 'atmospheric_pressure',
    unit: 'hPa',
    resolution: '0.1',
    min: 300,
    max: 1100,
    maxStep: 2,
    process: pressure,
  },
  co2: {
    quantity: 'carbon_dioxide',
    unit: 'ppm',
    resolution: '1',
    min: 400,
    max: 5000,
    maxStep: 250,
    process: carbonDioxide,
  },
  battery: {
    quantity: 'battery_voltage',
    unit: 'V',
    resolution: '0.01',
    min: 2,
    max: 4.3,
    maxStep: 0.3,
    process: battery,
  },
  counter: {
    quantity: 'count',
    unit: 'pulses',
    resolution: '1',
    min: 0,
    max: 9_999_999,
    maxStep: 500,
    process: counter,
  },
  vibration: {
    quantity: 'vibration',
    unit: 'mm/s',
    resolution: '0.01',
    min: 0,
    max: 50,
    maxStep: 25,
    process: vibration,
  },
  level: {
    quantity: 'distance',
    unit: 'cm',
    resolution: '0.5',
    min: 0,
    max: 400,
    maxStep: 20,
    process: level,
  },
  flow: {
    quantity: 'volume_flow_rate',
    unit: 'L/min',
    resolution: '0.1',
    min: 0,
    max: 60,
    maxStep: 60,
    process: flow,
  },
})

export const sensorKindNames = Object.keys(sensorKinds) as readonly SensorKindName[]
