import type { Random } from '../random.js'
import {
  Drift,
  dayCycle,
  dayMs,
  Elapsed,
  Episodes,
  Following,
  hourMs,
  minuteMs,
  type Process,
  Switching,
  secondMs,
} from './processes.js'

const fullVolts = 3.65
const emptyVolts = 2.7

/** Voltage of a lithium cell in V: two years from full to empty, dips while the radio sends. */
export function battery(random: Random): Process {
  let charge = random.between(0.3, 1)
  const lifeMs = random.between(500, 900) * dayMs
  const elapsed = new Elapsed()
  const warmth = new Drift(random.fork('warmth'), { deviation: 0.01, relaxMs: 8 * hourMs })
  return {
    at(now) {
      charge = Math.max(0, charge - elapsed.until(now) / lifeMs)
      // Nearly flat for most of its life, then steep.
      const open = emptyVolts + (fullVolts - emptyVolts) * charge ** 0.35
      const dip = random.chance(0.05) ? random.between(0.02, 0.06) : 0
      return open + warmth.at(now) - dip + 0.003 * random.normal()
    },
  }
}

/** A pulse meter with seven digits that it keeps without power; it turns faster by day. */
export function counter(random: Random): Process {
  let pulses = random.below(4_000_000)
  const elapsed = new Elapsed()
  const use = new Switching(random.fork('use'), { meanOnMs: 4 * minuteMs, meanOffMs: 6 * minuteMs })
  const perSecond = random.between(0.2, 3)
  return {
    at(now) {
      const rate = use.at(now) ? perSecond * (1.2 + dayCycle(now, 15)) : 0.002
      pulses += (rate * elapsed.until(now)) / secondMs
      // A pulse counts when it is complete.
      return Math.floor(pulses)
    },
  }
}

/** Vibration velocity of a machine's housing in mm/s RMS: idle or running, now and then a knock. */
export function vibration(random: Random): Process {
  const running = new Switching(random.fork('running'), {
    meanOnMs: 12 * minuteMs,
    meanOffMs: 5 * minuteMs,
  })
  const speed = new Following()
  const level = random.between(1.2, 4.5)
  const wear = new Drift(random.fork('wear'), { deviation: 0.3, relaxMs: 2 * hourMs })
  const knocks = new Episodes(random.fork('knocks'), {
    meanGapMs: 10 * minuteMs,
    fadeMs: 4 * secondMs,
    strength: (draw) => draw.between(2, 14),
  })
  return {
    at(now) {
      const share = speed.towards(running.at(now) ? 1 : 0, 6 * secondMs, now)
      const hum = share * (level + wear.at(now) + 0.12 * random.normal())
      return Math.abs(hum + knocks.at(now) + 0.03 + 0.01 * random.normal())
    },
  }
}

/** Depth of a tank in cm: drawn from by day, pumped full when it gets low, waves on it. */
export function level(random: Random): Process {
  let depth = random.between(100, 340)
  let pumping = false
  const elapsed = new Elapsed()
  const perHour = random.between(5, 40)
  return {
    at(now) {
      const hours = elapsed.until(now) / hourMs
      if (depth < 80) pumping = true
      if (depth > 350) pumping = false
      const drawn = perHour * (1 + 0.8 * dayCycle(now, 12))
      depth = Math.min(360, Math.max(60, depth + hours * ((pumping ? 300 : 0) - drawn)))
      return depth + (pumping ? 0.6 : 0.1) * random.normal()
    },
  }
}

/** Flow in a pipe in l/min: exactly nothing while the taps are closed. */
export function flow(random: Random): Process {
  const tap = new Switching(random.fork('tap'), { meanOnMs: 2 * minuteMs, meanOffMs: 5 * minuteMs })
  const usual = random.between(4, 18)
  const water = new Drift(random.fork('water'), { deviation: 0.8, relaxMs: minuteMs })
  return {
    at(now) {
      const wanted = tap.at(now) ? usual + water.at(now) + 0.05 * random.normal() : 0
      return Math.max(0, wanted)
    },
  }
}
