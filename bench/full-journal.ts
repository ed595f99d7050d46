import { parseArgs } from 'node:util'
import { fullJournalCourse } from '../test/faults/full-journal.js'
import { printFigures, rounded } from './figures.js'
import { percentile } from './percentile.js'

/**
 * Starts the real process on a full journal, as kill -9 leaves it, over and over. Exits with 1 where it takes longer than two
 * seconds until it takes frames.
 *
 * node dist/bench/full-journal.js --mebibytes 256 --starts 10 [--json]
 */
const { values } = parseArgs({
  options: {
    mebibytes: { type: 'string', default: '256' },
    starts: { type: 'string', default: '10' },
    json: { type: 'boolean', default: false },
  },
})
const MOST_MS = 2000
const { journalMiB, frames, startsMs } = await fullJournalCourse(
  Number(values.mebibytes),
  Number(values.starts),
)
const most = Math.max(...startsMs)
printFigures(
  {
    journalMiB: rounded(journalMiB),
    frames,
    starts: startsMs.length,
    startP50Ms: rounded(percentile(startsMs, 0.5)),
    startMostMs: rounded(most),
  },
  most > MOST_MS ? [`a start took ${rounded(most)} ms`] : [],
  values.json,
)
