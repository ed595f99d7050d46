import { Encoding } from '../alec/index.js'
import type { ModelSpec } from '../device/index.js'
import { count, type Finding, found } from './finding.js'
import type { TakenApart } from './taken-apart.js'

const MODULUS = 2 ** 24
const MANY = 4

/** Which encoder makes a device's multi frames. */
export function multiOf(frames: readonly TakenApart[]): Finding<ModelSpec['multi']> {
  const multis = frames.filter(({ multi }) => multi)
  if (multis.length === 0) return found('adaptive', 'unknown', 'no multi frame came')
  const whole = multis.every(({ encodings }) => encodings.every((code) => code === Encoding.raw32))
  const steps = versionSteps(frames)
  const resting = steps.every((step) => step === 0)
  const plain = whole && resting
  const evidence = plain
    ? `every value in ${count(multis.length, 'frame')} is whole, and none is observed`
    : `${count(multis.length, 'frame')} with ${whole ? 'whole values' : 'deltas'}, the context version moves`
  const sure = steps.length >= MANY ? 'certain' : steps.length > 0 || !whole ? 'likely' : 'guess'
  return found(plain ? 'plain' : 'adaptive', sure, evidence)
}

/** Whether a device observes values that it does not send: the version moves by more than what came. */
export function suppressionOf(frames: readonly TakenApart[]): Finding<boolean> {
  if (frames.some(({ multi }) => multi))
    return found(false, 'certain', 'multi frames show what they leave out')
  const steps = versionSteps(frames)
  if (steps.length === 0) return found(false, 'unknown', 'no two frames in a row')
  // A frame observes one value, and the version moves once more at each hundredth.
  const more = steps.filter((step) => step > 2).length
  const twice = steps.filter((step) => step === 2).length
  const evidence = `the context version moves by more than one in ${more + twice} of ${count(steps.length, 'step')}`
  const suppresses = more > 0 || twice > steps.length / 10 + 1
  if (suppresses) return found(true, more > 1 ? 'certain' : 'likely', evidence)
  return found(false, 'guess', `${evidence}: a device that keeps values to itself would show it`)
}

/** Channels that an adaptive encoder observes beside `sources`, and that none of these frames carried. */
export function hiddenChannels(frames: readonly TakenApart[], sources: number): number {
  if (!frames.some(({ multi }) => multi)) return 0
  const often = new Map<number, number>()
  for (const step of versionSteps(frames)) often.set(step, (often.get(step) ?? 0) + 1)
  const [usual] = [...often].sort((a, b) => b[1] - a[1])[0] ?? [0]
  return Math.max(0, usual - sources)
}

function versionSteps(frames: readonly TakenApart[]): number[] {
  return frames.flatMap(({ version, follows }, i) => {
    const before = frames[i - 1]
    return follows && before ? [(version - before.version + MODULUS) % MODULUS] : []
  })
}
