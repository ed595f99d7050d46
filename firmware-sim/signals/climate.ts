import type { Random } from '../random.js'
import {
  Drift,
  dayCycle,
  Episodes,
  Following,
  hourMs,
  minuteMs,
  type Process,
  Switching,
} from './processes.js'

/** Where a thermometer hangs, in °C: its mean, its daily swing, what an open door does to it. */
interface Place {
  readonly mean: number
  readonly swing: number
  readonly door: number
}

const room: Place = { mean: 21, swing: 1.2, door: -5 }
const freezer: Place = { mean: -18, swing: 0.2, door: 9 }
const outdoors: Place = { mean: 3, swing: 5, door: 0 }

const thermometer =
  (place: Place) =>
  (random: Random): Process => {
    const mean = place.mean + random.between(-2, 2)
    const weather = new Drift(random.fork('weather'), { deviation: 0.8, relaxMs: 3 * hourMs })
    const doors = new Episodes(random.fork('doors'), {
      meanGapMs: 90 * minuteMs,
      fadeMs: 5 * minuteMs,
      strength: (draw) => place.door * draw.between(0.2, 1),
    })
    return {
      at: (now) =>
        mean +
        place.swing * dayCycle(now, 14) +
        weather.at(now) +
        doors.at(now) +
        0.03 * random.normal(),
    }
  }

/** Air temperature in °C: in a room, in a freezer, and outdoors around freezing point. */
export const roomTemperature = thermometer(room)
export const freezerTemperature = thermometer(freezer)
export const outdoorTemperature = thermometer(outdoors)

/** Relative humidity in %: falls as the day warms, and whenever someone airs the room. */
export function humidity(random: Random): Process {
  const mean = random.between(40, 70)
  const swing = random.between(3, 10)
  const weather = new Drift(random.fork('weather'), { deviation: 5, relaxMs: 6 * hourMs })
  const airings = new Episodes(random.fork('airings'), {
    meanGapMs: 3 * hourMs,
    fadeMs: 12 * minuteMs,
    strength: (draw) => -draw.between(4, 15),
  })
  return {
    at: (now) =>
      mean - swing * dayCycle(now, 14) + weather.at(now) + airings.at(now) + 0.2 * random.normal(),
  }
}

/** Barometric pressure in hPa at the sensor's own height: fronts that pass within days, and the air's tide. */
export function pressure(random: Random): Process {
  const mean = 1013 - random.between(0, 80)
  const fronts = new Drift(random.fork('fronts'), { deviation: 9, relaxMs: 36 * hourMs })
  return {
    // The tide of the atmosphere peaks twice a day, at ten and at twenty-two hours.
    at: (now) => mean + fronts.at(now) + 0.6 * dayCycle(2 * now, 20) + 0.04 * random.normal(),
  }
}

const freshAirPpm = 420
const personPpm = 320

/** Carbon dioxide in ppm: people come and go by day, and windows are opened. */
export function carbonDioxide(random: Random): Process {
  const people = 1 + random.below(4)
  const presence = new Switching(random.fork('presence'), {
    meanOnMs: 90 * minuteMs,
    meanOffMs: 60 * minuteMs,
  })
  const window = new Switching(random.fork('window'), {
    meanOnMs: 8 * minuteMs,
    meanOffMs: 100 * minuteMs,
  })
  const air = new Following()
  return {
    at(now) {
      const awake = dayCycle(now, 13) > -0.4
      const breathing = awake && presence.at(now) ? people : 0
      const open = window.at(now)
      const target = freshAirPpm + (open ? 0.1 : 1) * breathing * personPpm
      return air.towards(target, (open ? 6 : 40) * minuteMs, now) + 3 * random.normal()
    },
  }
}
