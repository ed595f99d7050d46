import { evolutionPeriod } from '../alec/index.js'

/**
 * What is known of an encoder's context version: its low bits as the wire shows them, and where between two
 * evolutions the encoder stands (its number of observations modulo 100 lies in [phaseLo, phaseHi]). Each
 * frame's version tells a little more about the latter, until it is known to the unit.
 */
export interface VersionTrack {
  readonly version: number
  readonly phaseLo: number
  readonly phaseHi: number
}

export const freshTrack: VersionTrack = Object.freeze({ version: 0, phaseLo: 0, phaseHi: 0 })

export const unknownTrack = (version: number): VersionTrack => ({
  version,
  phaseLo: 0,
  phaseHi: evolutionPeriod - 1,
})

/**
 * The track after `observations` more, if they lead to `version` (modulo `modulus`, 2¹⁶ or 2²⁴); undefined
 * where they do not.
 */
export function advanceTrack(
  track: VersionTrack,
  version: number,
  observations: number,
  modulus: number,
): VersionTrack | undefined {
  const evolutions = modulo(version - track.version - observations, modulus)
  // Observations from phase p on pass so many evolutions: floor((p + observations) / 100).
  const passed = evolutions * evolutionPeriod
  const phaseLo = Math.max(track.phaseLo + observations - passed, 0)
  const phaseHi = Math.min(track.phaseHi + observations - passed, evolutionPeriod - 1)
  return phaseLo <= phaseHi ? { version, phaseLo, phaseHi } : undefined
}

/** At least so many observations lead to a context version of which `low` are the low bits (no patterns). */
export const observationsAtLeast = (low: number): number =>
  low - Math.ceil(low / (evolutionPeriod + 1))

export const modulo = (value: number, modulus: number): number =>
  ((value % modulus) + modulus) % modulus
