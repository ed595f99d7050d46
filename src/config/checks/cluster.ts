import type { Findings } from '../findings.js'
import type { Path } from '../problem.js'
import type { ClusterInput } from '../schema/cluster.js'
import { topicOf } from '../schema/source.js'
import type { SourceTree } from '../source-tree.js'
import type { Survey } from '../survey.js'
import { filterOf } from '../topics.js'

const QUEUES_ONLY = ['partitions', 'prefetch'] as const

/** What bridges that share their devices need, and what would do nothing, or harm, among them. */
export function checkCluster(survey: Survey, tree: SourceTree, findings: Findings): void {
  if (!findings.isWritten(['cluster'])) return
  if (!findings.isWritten(['broker', 'url'])) {
    findings.keyProblem(
      ['cluster'],
      'needs an existing broker: add broker.url, the MQTT address of RabbitMQ or of another broker',
    )
  }
  if (tree.at(['journal']) !== undefined) {
    findings.keyProblem(
      ['journal'],
      'does nothing with cluster: frames wait at the broker until their readings are published',
    )
  }
  if (tree.at(['outputs', 'qos']) === 0) {
    findings.warning(
      ['outputs', 'qos'],
      'with 0 nobody confirms a reading: it may be lost although its frame is acknowledged',
    )
  }
  checkWay(survey, findings)
  checkState(survey, tree, findings)
  const dots = findings.isWritten(['cluster', 'amqp'])
  for (const { path, value } of survey.sources) {
    if (value?.serial) {
      findings.keyProblem(
        [...path, 'serial'],
        'belongs to one machine: give it a bridge without cluster',
      )
    }
    if (value?.mqtt) checkTopic(topicOf(value.mqtt), [...path, 'mqtt', 'topic'], dots, findings)
  }
}

/** That there is one way that frames come by, with what belongs to it. */
function checkWay({ cluster, broker }: Survey, findings: Findings): void {
  const ways = (['amqp', 'mqtt'] as const).filter((way) => findings.isWritten(['cluster', way]))
  if (ways.length !== 1) {
    const hint = 'amqp (queues of RabbitMQ) or mqtt (shared subscriptions of another broker)'
    findings.keyProblem(['cluster'], `needs one of the two: ${hint}`)
  }
  if (ways.includes('mqtt')) {
    for (const key of QUEUES_ONLY)
      if (findings.isWritten(['cluster', key]))
        findings.keyProblem(['cluster', key], 'belongs to amqp: with mqtt each topic is by itself')
    if (broker?.protocol === '3.1.1')
      findings.problem(
        ['broker', 'protocol'],
        'cluster.mqtt needs MQTT 5: leave it away, or write 5',
      )
  }
  checkTls(cluster, findings)
}

const TLS_URL = /^(?:amqps|mqtts|wss):/

function checkTls(cluster: ClusterInput | undefined, findings: Findings): void {
  if (!cluster?.tls) return
  checkPair(['cluster', 'tls'], findings)
  const { amqp = [], mqtt = [] } = cluster
  const urls = mqtt === 'broker' ? [] : [amqp, mqtt].flat()
  if (mqtt === 'broker')
    findings.keyProblem(['cluster', 'tls'], 'does nothing with mqtt: broker: write it to broker')
  else if (!urls.every((url) => TLS_URL.test(url)))
    findings.keyProblem(['cluster', 'tls'], 'needs amqps:, mqtts: or wss: in every URL')
}

function checkPair(at: Path, findings: Findings): void {
  if (findings.isWritten([...at, 'cert']) !== findings.isWritten([...at, 'key']))
    findings.problem(at, 'cert and key belong together: one is missing')
}

const STATE_PEMS = ['ca', 'cert', 'key'] as const

function checkState({ cluster }: Survey, tree: SourceTree, findings: Findings): void {
  const state = cluster?.state
  if (state === undefined || typeof state === 'string') return
  if (
    state.username !== undefined &&
    tree.at(['cluster', 'state', 'password_file']) === undefined
  ) {
    findings.problem(['cluster', 'state', 'username'], 'needs password_file')
  }
  checkPair(['cluster', 'state'], findings)
  if (state.url.startsWith('rediss:')) return
  for (const name of STATE_PEMS)
    if (state[name] !== undefined)
      findings.keyProblem(['cluster', 'state', name], 'needs a rediss: URL')
}

/** `dots`: whether the broker makes something else of them. */
function checkTopic(topic: string, path: Path, dots: boolean, findings: Findings): void {
  if (dots && topic.includes('.')) {
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
