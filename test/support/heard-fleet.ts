import { compileProfile, Fleet, type FleetOptions, type Verdict } from '../../src/device/index.js'
import { defaultBucketPolicy, defaultCircuitPolicy } from '../../src/resilience/index.js'
import type { Traffic } from './traffic.js'

/** The fleet that a traffic is for, and everything that it says of it. */
export function heardFleet(
  { devices, models }: Pick<Traffic, 'devices' | 'models'>,
  options: Partial<FleetOptions> = {},
): { readonly fleet: Fleet; readonly verdicts: Verdict[] } {
  const verdicts: Verdict[] = []
  const fleet = new Fleet(
    {
      profiles: new Map(Array.from(models, ([name, model]) => [name, compileProfile(model)])),
      devices,
      policy: { circuit: defaultCircuitPolicy, flood: defaultBucketPolicy },
      unknownDevices: 'ignore',
      born: { mono: 0, wall: 0 },
      ...options,
    },
    {
      onVerdict: (verdict) => verdicts.push(verdict),
      onAccepted: () => {},
      onInternalError: (device, error) => {
        throw new Error(`${device} failed inside`, { cause: error })
      },
    },
  )
  return { fleet, verdicts }
}
