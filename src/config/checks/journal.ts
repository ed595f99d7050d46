import type { Findings } from '../findings.js'
import type { SourceTree } from '../source-tree.js'

/** That what belongs to one way of overflowing is not written beside another, where it would do nothing. */
export function checkJournal(tree: SourceTree, findings: Findings): void {
  const at = ['outputs', 'thin_interval']
  if (tree.at(at) === undefined || tree.at(['journal', 'overflow']) === 'thin') return
  findings.keyProblem(at, 'belongs to journal.overflow: thin')
}
