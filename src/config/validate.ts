import { ID } from '../names.js'
import { assemble } from './assemble.js'
import { checkBroker } from './checks/broker.js'
import { checkCluster } from './checks/cluster.js'
import { checkDevices } from './checks/devices.js'
import { checkHomeAssistant } from './checks/home-assistant.js'
import { checkHttp } from './checks/http.js'
import { checkJournal } from './checks/journal.js'
import { checkModels } from './checks/models.js'
import { checkSources } from './checks/sources.js'
import type { Configuration } from './configuration.js'
import { fillPresets } from './fill-presets.js'
import type { Findings } from './findings.js'
import { quoted } from './problem.js'
import { rootSchema } from './schema/root.js'
import { reportIssues } from './schema-problems.js'
import { type FileAccess, readSecrets } from './secrets.js'
import { isRawMap, type SourceTree } from './source-tree.js'
import { survey } from './survey.js'

/** What the checks need to know of the machine. */
export interface Machine {
  readonly access: FileAccess
  readonly hostName: string
}

/** Finds everything that is wrong; the configuration only where nothing is. */
export function validate(
  tree: SourceTree,
  { access, hostName }: Machine,
  findings: Findings,
): Configuration | undefined {
  dropEmptySections(tree)
  fillPresets(tree, findings)
  const parsed = rootSchema.safeParse(tree.root)
  if (parsed.error) reportIssues(parsed.error.issues, tree, findings)
  const parts = survey(tree)
  checkBroker(parts, findings)
  checkModels(parts, tree, findings)
  checkSources(parts, tree, findings)
  checkDevices(parts, findings)
  checkJournal(tree, findings)
  checkCluster(parts, tree, findings)
  if (parts.http) checkHttp(parts.http, findings)
  checkHomeAssistant(parts, findings)
  const secrets = readSecrets(parts, tree, access, findings)
  const bridgeId = parsed.data?.bridge.id ?? idOfHost(tree, hostName, findings)
  if (!parsed.success || bridgeId === undefined || findings.problems.length > 0) return undefined
  return assemble(parsed.data, tree, { bridgeId, hostName, secrets, access })
}

/** A section of which every line is a comment is as good as absent. */
function dropEmptySections(tree: SourceTree): void {
  if (!isRawMap(tree.root)) return
  for (const [key, value] of Object.entries(tree.root)) {
    if (value === null) delete tree.root[key]
  }
  const { broker } = tree.root
  if (isRawMap(broker) && broker.embedded === null) delete broker.embedded
}

function idOfHost(tree: SourceTree, hostName: string, findings: Findings): string | undefined {
  const at = ['bridge', 'id']
  const id = hostName.split('.')[0] ?? ''
  if (tree.at(at) !== undefined || ID.test(id)) return id
  findings.problem(
    at,
    `missing: the host name ${quoted(hostName)} is no id (letters, digits, _ and -)`,
  )
  return undefined
}
