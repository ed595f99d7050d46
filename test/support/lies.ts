import type { Verdict } from '../../src/device/index.js'
import type { MeasuredFrame } from './measured-device.js'

/** What a verdict says that is not so: a value outside its bound, or good and not what was measured. */
export function lies(
  verdict: Verdict,
  { truth }: Pick<MeasuredFrame, 'truth'>,
  where: string,
): string[] {
  if (verdict.kind !== 'readings') return []
  return verdict.channels.flatMap(({ name, value, bound, quality }) => {
    const measured = truth.get(name) ?? Number.NaN
    const wrong = quality === 'good' && value !== measured
    return wrong || !(Math.abs(value - measured) <= bound)
      ? [`${where}: ${name} ${value} ± ${bound} (${quality}) was ${measured}`]
      : []
  })
}
