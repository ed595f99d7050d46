import type { CourseResult } from './course.js'

export interface Row {
  readonly profile: string
  readonly loss: number
  readonly downlinks: boolean
  readonly frames: number
  readonly readings: number
  /** Share of good readings under losses alone, and under all mixes together. */
  readonly good: number
  readonly goodInAllMixes: number
  readonly wrong: number
  readonly broken: number
  readonly recoveryMedian: number
  readonly recoveryP99: number
  readonly requestsPerFrame: number
  readonly bytesPerFrame: number
}

export interface Total {
  readonly failures: string[]
  add(result: CourseResult, lossesOnly: boolean): void
  row(): Row
}

/** Adds up the courses of one profile, loss rate and direction. */
export function total(profile: string, loss: number, downlinks: boolean): Total {
  const all = { frames: 0, bytes: 0, readings: 0, good: 0, wrong: 0, broken: 0, requests: 0 }
  const mild = { readings: 0, good: 0 }
  const recoveries: number[] = []
  const failures: string[] = []
  return {
    failures,
    add(result, lossesOnly) {
      all.frames += result.frames
      all.bytes += result.bytes
      all.readings += result.readings
      all.good += result.good
      all.wrong += result.wrong
      all.broken += result.broken
      all.requests += result.downlinks
      if (lossesOnly) {
        mild.readings += result.readings
        mild.good += result.good
      }
      recoveries.push(...result.recoveries)
      if (result.failure !== '')
        failures.push(`${profile}, ${loss * 100} % loss: ${result.failure}`)
    },
    row() {
      recoveries.sort((a, b) => a - b)
      return {
        profile,
        loss,
        downlinks,
        frames: all.frames,
        readings: all.readings,
        good: mild.good / Math.max(1, mild.readings),
        goodInAllMixes: all.good / Math.max(1, all.readings),
        wrong: all.wrong,
        broken: all.broken,
        recoveryMedian: quantile(recoveries, 0.5),
        recoveryP99: quantile(recoveries, 0.99),
        requestsPerFrame: all.requests / Math.max(1, all.frames),
        bytesPerFrame: all.bytes / Math.max(1, all.frames),
      }
    },
  }
}

const quantile = (sorted: readonly number[], q: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0

export interface Report {
  readonly frames: number
  readonly seed: number
  readonly seconds: number
  readonly rows: readonly Row[]
  readonly lies: readonly {
    readonly name: string
    readonly wrongBefore: number
    readonly wrongAfter: number
    readonly detectedAt: readonly number[]
  }[]
}

const percent = (share: number): string => `${(share * 100).toFixed(2)} %`

/** The report as Markdown. */
export function tableOf({ frames, seed, seconds, rows, lies }: Report): string {
  const lines = [
    `${frames} frames, seed ${seed}, ${seconds.toFixed(0)} s`,
    '',
    '| profile | loss | keyframe requests | good | good, all faults | wrong but good | bounds broken | frames to recovery (median / p99) | requests per frame | bytes per frame |',
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |',
    ...rows.map(
      (row) =>
        `| ${row.profile} | ${row.loss * 100} % | ${row.downlinks ? 'yes' : 'no'} | ${percent(row.good)} | ${percent(row.goodInAllMixes)} | ${row.wrong} | ${row.broken} | ${row.recoveryMedian} / ${row.recoveryP99} | ${row.requestsPerFrame.toFixed(4)} | ${row.bytesPerFrame.toFixed(2)} |`,
    ),
    '',
    '| false declaration | wrong but good before it was found | after | frames until it was found (per device; −1: never contradicted) |',
    '| --- | --- | --- | --- |',
    ...lies.map(
      ({ name, wrongBefore, wrongAfter, detectedAt }) =>
        `| ${name} | ${wrongBefore} | ${wrongAfter} | ${detectedAt.join(' ')} |`,
    ),
  ]
  return lines.join('\n')
}
