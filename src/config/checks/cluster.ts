import type { Findings } from '../findings.js'
import type { Path } from '../problem.js'
import { topicOf } from '../schema/source.js'
import type { SourceTree } from '../source-tree.js'
import type { Survey } from '../survey.js'
import { filterOf } from '../topics.js'

/** What bridges that share their devices need, and what would do nothing, or harm, among them. */
export function checkCluster(survey: Survey, tree: SourceTree, findings: Findings): void {
  if (!findings.isWritten(['cluster'])) return
  if (!findings.isWritten(['broker', 'url'])) {
    findings.keyProblem(
      ['cluster'],
      "needs an existing broker: add broker.url, RabbitMQ's MQTT address",
    )
  }
  if (tree.at(['journal']) !== undefined) {
    findings.keyProblem(
      ['journal'],
      'does nothing with cluster: frames wait at the broker until their readings are published',
    )
  }
  if (tree.at(['homeassistant']) !== undefined) {
    findings.keyProblem(
      ['homeassistant'],
      'not together with cluster: each bridge would take back what another has announced',
    )
  }
  if (tree.at(['outputs', 'qos']) === 0) {
    findings.warning(
      ['outputs', 'qos'],
      'with 0 nobody confirms a reading: it may be lost although its frame is acknowledged',
    )
  }
  checkState(survey, tree, findings)
  for (const { path, value } of survey.sources) {
    if (value?.serial) {
      findings.keyProblem(
        [...path, 'serial'],
        'belongs to one machine: give it a bridge without cluster',
      )
    }
    if (value?.mqtt) checkTopic(topicOf(value.mqtt), [...path, 'mqtt', 'topic'], findings)
  }
}

function checkState({ cluster }: Survey, tree: SourceTree, findings: Findings): void {
  const state = cluster?.state
  if (state === undefined || typeof state === 'string') return
  if (
    state.username !== undefined &&
    tree.at(['cluster', 'state', 'password_file']) === undefined
  ) {
    findings.problem(['cluster', 'state', 'username'], 'needs password_file')
  }
  if (state.ca !== undefined && !state.url.startsWith('rediss:')) {
    findings.keyProblem(['cluster', 'state', 'ca'], 'needs a rediss: URL')
  }
}

function checkTopic(topic: string, path: Path, findings: Findings): void {
  if (topic.includes('.')) {
    findings.problem(path, 'RabbitMQ makes dots of slashes: a topic with dots comes as another one')
  }
  const wild = filterOf(topic)
    .split('/')
    .filter((level) => level === '+' || level === '#').length
  const named = topic.split('/').includes('{device}') ? 1 : 0
  if (wild > named) {
    findings.warning(
      path,
      'all frames of a device must come by one topic: by several they would go to several bridges',
    )
  }
}
