import type { Findings } from '../findings.js'
import type { Path } from '../problem.js'
import type { SerialInput } from '../schema/source.js'
import type { SourceTree } from '../source-tree.js'
import type { Survey } from '../survey.js'
import { checkLoops, checkMqtt } from './mqtt.js'
import { checkSerial } from './serial.js'

/** What the schema cannot say about sources: what belongs together, and what would not work. */
export function checkSources(survey: Survey, tree: SourceTree, findings: Findings): void {
  if (survey.sources.length === 0)
    findings.warning(['sources'], 'there are no sources: nothing comes in')
  const paths = new Map<string, string>()
  for (const { path, value } of survey.sources) {
    if (!value) continue
    if (findings.isWritten([...path, 'serial']) === findings.isWritten([...path, 'mqtt'])) {
      findings.problem(path, 'a source is one of serial and mqtt')
      continue
    }
    if (value.serial) {
      checkSerial(value.serial, [...path, 'serial'], tree, findings)
      checkPathOnce(value.serial, [...path, 'serial', 'path'], paths, findings)
    }
    if (value.mqtt) checkMqtt(value.mqtt, [...path, 'mqtt'], findings)
  }
  checkLoops(survey, findings)
}

function checkPathOnce(
  { path: port }: SerialInput,
  path: Path,
  seen: Map<string, string>,
  findings: Findings,
): void {
  if (port === undefined) return
  const other = seen.get(port)
  if (other !== undefined) findings.problem(path, `${other} opens this port already`)
  else seen.set(port, `sources[${path[1]}]`)
}
