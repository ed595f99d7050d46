import { parseArgs } from 'node:util'
import { unknownIdCourse } from '../test/faults/unknown-ids.js'
import { printFigures, rounded } from './figures.js'

/**
 * Sends the real process frames of ids that nobody has configured, each another one. Exits with 1 where it needs more than
 * 16 MiB more than after as many frames of a few such ids (garbage collected both times; the peak with garbage is said),
 * publishes a topic for one of them, logs more than a line a second, or does not serve its own device.
 *
 * node dist/bench/unknown-ids.js --ids 1000000 [--json]
 */
const { values } = parseArgs({
  options: {
    ids: { type: 'string', default: '1000000' },
    json: { type: 'boolean', default: false },
  },
})
const MOST_GROWTH_MIB = 16
const MOST_LINES = 1
const ids = Number(values.ids)
const outcome = await unknownIdCourse(ids)
const { fewMiB, manyMiB, peakMiB, seconds, strangeTopics } = outcome
const { busiestSecond, logLines, served, counted } = outcome
const growthMiB = manyMiB - fewMiB
const failures = strangeTopics.map((topic) => `published: ${topic}`)
if (!(growthMiB <= MOST_GROWTH_MIB)) failures.push(`${rounded(growthMiB, 1)} MiB more memory`)
if (!(busiestSecond <= MOST_LINES)) failures.push(`${busiestSecond} log lines in one second`)
if (counted < ids) failures.push(`${ids - counted} of them are not counted`)
if (!served) failures.push('its own device was not served')
printFigures(
  {
    ids,
    counted,
    seconds: rounded(seconds),
    idsPerSecond: rounded(ids / seconds),
    fewIdsMiB: rounded(fewMiB, 1),
    manyIdsMiB: rounded(manyMiB, 1),
    growthMiB: rounded(growthMiB, 1),
    peakMiB: rounded(peakMiB, 1),
    strangeTopics: strangeTopics.length,
    logLines,
    logLinesInBusiestSecond: busiestSecond,
    ownDeviceServed: served,
  },
  failures,
  values.json,
)
