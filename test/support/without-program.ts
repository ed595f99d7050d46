import { spawnSync } from 'node:child_process'

/**
 * True where a test must be left out for want of a program, which it says on the terminal; on a CI machine the program
 * is expected, and its absence fails the suite.
 */
export function withoutProgram(program: string, debianPackage: string): boolean {
  if (spawnSync(program, ['--version']).error === undefined) return false
  const hint = `${program} is not installed (Debian: apt-get install ${debianPackage})`
  if (process.env.CI === 'true') throw new Error(hint)
  console.warn(`SKIPPED: ${hint}`)
  return true
}
