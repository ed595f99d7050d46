import { describe, expect, it } from 'vitest'
import { idleGapMs } from '../../src/framing/index.js'
import { LineSurvey, surveyDevice } from '../../src/survey/index.js'
import { type Judgement, judge, total } from './judgement.js'
import { seededLine, traffic } from './seeded-line.js'

/** Other ones: `SURVEY_SEEDS=100-199`. */
const [first = 1, last = 20] = (process.env.SURVEY_SEEDS ?? '1-20').split('-').map(Number)
const seeds = Array.from({ length: last - first + 1 }, (_, i) => first + i)

/** Frames of each node that are listened to. */
const FRAMES = 240

/** What a survey of a seeded line gets wrong, and how much of it is right. */
function surveyed(seed: number): { readonly format: unknown; readonly nodes: Judgement[] } {
  const line = seededLine(seed)
  const survey = new LineSurvey()
  let last = 0
  for (const { at, bytes } of traffic(line, FRAMES)) {
    if (at - last >= idleGapMs(line.baudRate)) survey.rest()
    survey.push(bytes, at)
    last = at
  }
  const match = survey.match
  const nodes = line.nodes.map(({ spec, address }) => {
    const sightings = match?.sightings.filter((sighting) => sighting.address === address) ?? []
    return judge(spec, surveyDevice(sightings))
  })
  return { format: match?.format, nodes }
}

describe('a survey of 20 seeded lines', () => {
  const judged = new Map(seeds.map((seed) => [seed, surveyed(seed)]))

  it.each(seeds)('finds the format of line %i, and tells nothing false of its nodes', (seed) => {
    const { format, nodes } = judged.get(seed) ?? expect.fail()
    expect(format, `seed ${seed}`).toEqual(seededLine(seed).format)
    expect(nodes.flatMap(({ wrong }) => wrong).join('\n'), `seed ${seed}`).toBe('')
  })

  it('leaves little to guess', () => {
    const nodes = [...judged.values()].flatMap((line) => line.nodes)
    const resolutions = total(nodes, ({ resolutions }) => resolutions)
    const profiles = total(nodes, ({ profile }) => profile)
    expect(resolutions.told / resolutions.all).toBeGreaterThan(0.6)
    expect(profiles.told / profiles.all).toBeGreaterThan(0.9)
  })
})
