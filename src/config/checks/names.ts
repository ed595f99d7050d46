import { ID } from '../../names.js'
import type { Findings } from '../findings.js'
import { type Path, quoted } from '../problem.js'
import { ID_PHRASE } from '../schema/leaves.js'

/** A name and where it stands. */
export interface Named {
  readonly name: string
  readonly path: Path
}

/** That a name, which is a key, can stand in a topic and means nothing else there. */
export function checkName(
  name: string,
  path: Path,
  findings: Findings,
  isFree: (name: string) => boolean = () => true,
): void {
  if (!ID.test(name)) {
    findings.keyProblem(path, `expected ${ID_PHRASE}, got the key ${quoted(name)}`)
  } else if (!isFree(name)) {
    findings.keyProblem(path, `the name ${name} is reserved: choose another one`)
  }
}

/** Names that differ only in case are one and the same to people, and to some brokers and file systems. */
export function checkUnique(names: Iterable<Named>, what: string, findings: Findings): void {
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
