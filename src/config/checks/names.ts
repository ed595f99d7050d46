import type { Findings } from '../findings.js'
import type { Path } from '../problem.js'

/** A name and where it stands. */
export interface Named {
  readonly name: string
  readonly path: Path
}

/** A name that is well formed (the schema sees to that) can still be taken. */
export function checkName(
  name: string,
  path: Path,
  reserved: ReadonlySet<string>,
  findings: Findings,
): void {
  if (reserved.has(name.toLowerCase())) {
    findings.keyProblem(path, `the name ${name} is reserved: choose another one`)
  }
}

/** Names that differ only in case are one and the same to people, and to some brokers and file systems. */
export function checkUnique(names: readonly Named[], what: string, findings: Findings): void {
  const taken = new Map<string, string>()
  for (const { name, path } of names) {
    const other = taken.get(name.toLowerCase())
    if (other === undefined) taken.set(name.toLowerCase(), name)
    else
      findings.keyProblem(
        path,
        `there is a ${what} ${other} already; upper and lower case do not count`,
      )
  }
}
