import type { NodeSpec } from '../../firmware-sim/index.js'
import type { Confidence, DeviceSurvey } from '../../src/survey/index.js'

/** How a survey of a device compares with what the device is. */
export interface Judgement {
  /** What it says and is not so. */
  readonly wrong: readonly string[]
  readonly profile: Told
  readonly resolutions: Told
}

/** How many things there were to tell, and how many of them were told and no guess. */
export interface Told {
  readonly told: number
  readonly all: number
}

const isSure = (confidence: Confidence): boolean =>
  confidence === 'certain' || confidence === 'likely'

export function judge(spec: NodeSpec, survey: DeviceSurvey | undefined): Judgement {
  const none = { told: 0, all: spec.channels.length }
  if (!survey) return { wrong: [`${spec.id}: nothing was found`], profile: none, resolutions: none }
  const wrong: string[] = []
  const compare = (what: string, found: unknown, truth: unknown) => {
    if (found !== truth)
      wrong.push(`${spec.id}: ${what} ${String(found)}, in truth ${String(truth)}`)
  }
  const compact = spec.frames === 'compact'
  const shape = survey.shape.value
  compare('family', shape.family, compact ? 'compact' : 'standard')
  if (shape.family === 'compact') compare('channels', shape.channels, spec.channels.length)
  else compare('checksum', shape.checksum, spec.checksum)
  if (compact) compare('keyframe interval', survey.keyframeInterval?.value, spec.keyframeInterval)
  if (survey.intervalMs.confidence !== 'unknown' && !spec.suppresses)
    compare('interval', survey.intervalMs.value, spec.intervalMs)
  if (spec.frames.endsWith('multi')) compare('multi', `${survey.multi?.value}-multi`, spec.frames)
  if (survey.suppresses && isSure(survey.suppresses.confidence))
    compare('suppresses', survey.suppresses.value, spec.suppresses)
  const plain = spec.frames === 'plain-multi'
  if (isSure(survey.profile.confidence)) compare('profile', survey.profile.value, spec.profile)
  if (isSure(survey.scale.confidence) && !plain) compare('scale', survey.scale.value, spec.scale)

  let told = 0
  for (const [i, { source, resolution, range, seen }] of survey.channels.entries()) {
    const channel = compact ? spec.channels[i] : spec.channels.find((one) => one.source === source)
    if (!channel) {
      wrong.push(`${spec.id}: there is no channel ${source ?? i}`)
      continue
    }
    const truth = Number(channel.kind.resolution)
    const found = Number(resolution.value)
    const words = `${resolution.value} (${resolution.confidence}: ${resolution.evidence})`
    if (isSure(resolution.confidence)) {
      told++
      if (found !== truth) wrong.push(`${spec.id} ${channel.name}: ${words}, in truth ${truth}`)
    } else if (resolution.confidence === 'guess') {
      // A part of the step is true as well, only weaker.
      const parts = truth / found
      const isPart = Math.abs(parts - Math.round(parts)) < 1e-9
      const sameScale = survey.scale.value === spec.scale
      // Binary steps are too rare to be reckoned with where little was seen.
      if (!isPart && sameScale && truth >= 1 / spec.scale && truth !== 0.0625)
        wrong.push(`${spec.id} ${channel.name}: guessed ${words}, in truth ${truth}`)
    }
    if (range.value && (range.value.min > channel.kind.min || range.value.max < channel.kind.max))
      wrong.push(
        `${spec.id} ${channel.name}: range ${range.value.min} to ${range.value.max}, in truth ${channel.kind.min} to ${channel.kind.max}, seen ${seen?.min} to ${seen?.max}`,
      )
  }
  return {
    wrong,
    profile: { told: isSure(survey.profile.confidence) ? 1 : 0, all: 1 },
    resolutions: { told, all: spec.channels.length },
  }
}

export function total(judgements: readonly Judgement[], of: (one: Judgement) => Told): Told {
  return judgements
    .map(of)
    .reduce((sum, { told, all }) => ({ told: sum.told + told, all: sum.all + all }), {
      told: 0,
      all: 0,
    })
}
