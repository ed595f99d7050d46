/** What one look found: what was seen, and what to do where that is not well. */
export interface DoctorFinding {
  readonly check: string
  readonly verdict: 'ok' | 'warn' | 'fail'
  readonly seen: string
  readonly advice?: string
}

export const fine = (check: string, seen: string): DoctorFinding => ({ check, verdict: 'ok', seen })

export const warn = (check: string, seen: string, advice: string): DoctorFinding => ({
  check,
  verdict: 'warn',
  seen,
  advice,
})

export const fail = (check: string, seen: string, advice: string): DoctorFinding => ({
  check,
  verdict: 'fail',
  seen,
  advice,
})
