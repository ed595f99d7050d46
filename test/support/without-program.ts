import { spawnSync } from 'node:child_process'

/**
 * True where a test must be left out for want of a program, which it says on the terminal; on a CI machine the program
 * is expected, and its absence fails the suite.
 */
export function withoutProgram(program: string, debianPackage: string): boolean {
  return without(
    spawnSync(program, ['--version']).error === undefined,
    `${program} is not installed (Debian: apt-get install ${debianPackage})`,
  )
}

/** The same for whatever can be looked for; `hint` says what is missing, and where to get it. */
export function without(isThere: boolean, hint: string): boolean {
  if (isThere) return false
  if (process.env.CI === 'true') throw new Error(hint)
  console.warn(`SKIPPED: ${hint}`)
  return true
}
