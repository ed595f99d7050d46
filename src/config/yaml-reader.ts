import { LineCounter } from 'yaml'
import type { Place } from './problem.js'
import { compose } from './yaml-composition.js'
import { yamlFault } from './yaml-faults.js'
import { plant, type ReadFault, type ReadResult } from './yaml-tree.js'

/** One missing quote can make the rest of a long file wrong. */
const MAX_SYNTAX_FAULTS = 20

/** Reads one YAML 1.2 document with the place of everything in it; never throws. */
export function readYaml(text: string): ReadResult {
  const lines = new LineCounter()
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  const fault = (offset: number, message: string): ReadFault => ({
    place: placeAt(offset),
    path: [],
    message,
  })
  const { documents, tooDeepAt } = compose(text, lines)
  if (tooDeepAt !== undefined) return { faults: [fault(tooDeepAt, 'nested too deeply')] }
  const [document, second] = documents
  // The composer yields one for an empty text too.
  if (!document) return { faults: [fault(0, 'the file is empty')] }
  // What a warning means here is a tag that is not known: its value would not be what was written.
  const faults = [...document.errors, ...document.warnings]
    .slice(0, MAX_SYNTAX_FAULTS)
    .map(({ code, pos }): ReadFault => fault(pos[0], yamlFault(code)))
  if (second) faults.push(fault(second.range[0], yamlFault('MULTIPLE_DOCS')))
  if (document.directives.yaml.explicit && document.directives.yaml.version !== '1.2') {
    faults.push(fault(0, 'YAML 1.2 only: remove the %YAML directive'))
  }
  if (faults.length > 0) return { faults }
  return plant(document, placeAt, () => compose(text, new LineCounter(), true).documents[0])
}
