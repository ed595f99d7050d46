/** How far a finding is to be believed; `unknown`: the wire does not tell, `value` is what holds without it. */
export type Confidence = 'certain' | 'likely' | 'guess' | 'unknown'

/** Something found out from the wire, how sure it is, and what it rests on. */
export interface Finding<T> {
  readonly value: T
  readonly confidence: Confidence
  /** For people: what was seen. */
  readonly evidence: string
}

export const found = <T>(value: T, confidence: Confidence, evidence: string): Finding<T> => ({
  value,
  confidence,
  evidence,
})

/** `1 frame`, `2 frames`. */
export const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`
