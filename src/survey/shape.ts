import {
  type FrameShape,
  frameFamily,
  maxChannels,
  ParsedFrame,
  parseFrame,
} from '../alec/index.js'
import { count, type Finding, found } from './finding.js'
import type { Sighting } from './sighting.js'

const parsed = new ParsedFrame()
/** Sequences and versions of compact frames are 16 bits wide. */
const MODULUS = 2 ** 16
/** So many frames agree before a shape is beyond doubt. */
const MANY = 4

/** How a device's frames are built; undefined where most of them are none, or a gateway's. */
export function shapeOf(sightings: readonly Sighting[]): Finding<FrameShape> | undefined {
  const families = sightings.map(({ bytes }) => frameFamily(bytes[0] ?? 0))
  const compact = families.filter((family) => family === 'compact').length
  const standard = families.filter((family) => family === 'standard').length
  if (compact === 0 && standard === 0) return undefined
  return compact >= standard ? compactShape(sightings) : standardShape(sightings)
}

function standardShape(sightings: readonly Sighting[]): Finding<FrameShape> | undefined {
  const fitting = (checksum: boolean) =>
    sightings.filter(({ bytes }) => !parseFrame(bytes, { family: 'standard', checksum }, parsed))
      .length
  const [without, having] = [fitting(false), fitting(true)]
  if (without + having === 0) return undefined
  const checksum = having > without
  const fit = Math.max(without, having)
  const evidence = checksum
    ? `${count(fit, 'frame')} of ${sightings.length} end with the xxHash32 of themselves`
    : `${count(fit, 'frame')} of ${sightings.length} are whole without a checksum`
  return found({ family: 'standard', checksum }, certainFrom(fit), evidence)
}

/**
 * The number of channels is not in the frame. But a keyframe has one length for each number, every other frame fits
 * few, and each frame adds that many observations to the version (and one step more at every hundredth).
 */
function compactShape(sightings: readonly Sighting[]): Finding<FrameShape> | undefined {
  let best: { readonly channels: number; readonly fit: number; readonly worth: number } | undefined
  const rivals: number[] = []
  const steps = versionSteps(sightings)
  for (let channels = 1; channels <= maxChannels; channels++) {
    const shape = { family: 'compact', channels } as const
    const fit = sightings.filter(({ bytes }) => !parseFrame(bytes, shape, parsed)).length
    if (2 * fit <= sightings.length) continue
    const worth = fit + steps.reduce((total, step) => total + stepWorth(step, channels), 0)
    if (fit === sightings.length) rivals.push(channels)
    if (!best || worth > best.worth) best = { channels, fit, worth }
  }
  if (!best) return undefined
  const { channels, fit } = best
  const keyframes = sightings.filter(({ bytes }) => bytes[0] === 0xa2).length
  const agreeing = steps.filter((step) => step === channels || step === channels + 1).length
  const evidence = [
    `${count(fit, 'frame')} of ${sightings.length} fit`,
    ...(keyframes > 0 ? [`${count(keyframes, 'keyframe')} of that length`] : []),
    `the context version moves by it in ${agreeing} of ${count(steps.length, 'step')}`,
  ].join(', ')
  const sure = keyframes > 0 || agreeing >= MANY || rivals.length === 1
  const confidence = sure ? certainFrom(fit) : rivals.length > 1 ? 'guess' : 'likely'
  return found({ family: 'compact', channels }, confidence, evidence)
}

const certainFrom = (frames: number) => (frames >= MANY ? 'certain' : 'likely')

/** How far the version moves from one frame to the next in number. */
function versionSteps(sightings: readonly Sighting[]): number[] {
  const steps: number[] = []
  let last: { readonly sequence: number; readonly version: number } | undefined
  for (const { bytes } of sightings) {
    if (bytes.length < 5) continue
    const [, s1 = 0, s0 = 0, v1 = 0, v0 = 0] = bytes
    const [sequence, version] = [(s1 << 8) | s0, (v1 << 8) | v0]
    if (last && (sequence - last.sequence + MODULUS) % MODULUS === 1)
      steps.push((version - last.version + MODULUS) % MODULUS)
    last = { sequence, version }
  }
  return steps
}

/** By how likely a step is where so many channels are observed. */
function stepWorth(step: number, channels: number): number {
  if (step === channels) return Math.log(1 - channels / 100) + 5
  return step === channels + 1 ? Math.log(channels / 100) + 5 : 0
}
