import { baseTopicFault } from '../../names.js'
import type { Findings } from '../findings.js'
import type { Survey } from '../survey.js'
import { checkEmbedded } from './embedded.js'

const EXTERNAL = ['username', 'password', 'password_file', 'client_id', 'protocol', 'tls'] as const

/** That the broker is one of the two kinds, with what belongs to it, and that our topics fit. */
export function checkBroker({ broker, baseTopic }: Survey, findings: Findings): void {
  const fault = baseTopicFault(baseTopic)
  if (fault !== undefined) findings.problem(['base_topic'], `it ${fault}`)
  if (!broker) return
  if (!findings.isWritten(['broker', 'url'])) {
    for (const key of EXTERNAL) {
      if (findings.isWritten(['broker', key])) {
        findings.keyProblem(['broker', key], 'belongs to an existing broker: add its url')
      }
    }
  } else if (broker.embedded) {
    findings.keyProblem(['broker', 'embedded'], 'a broker is one of embedded and url')
  }
  if (broker.embedded) checkEmbedded(broker.embedded, baseTopic, findings)
  if (broker.url !== undefined) checkAccess(broker, [broker.url].flat(), findings)
}

function checkAccess(
  broker: NonNullable<Survey['broker']>,
  urls: readonly string[],
  findings: Findings,
): void {
  const { password, password_file, tls } = broker
  for (const [index, url] of urls.entries()) {
    if (URL.canParse(url)) continue
    const path = Array.isArray(broker.url) ? ['broker', 'url', index] : ['broker', 'url']
    findings.problem(path, 'is no URL: check host and port (1 to 65535)')
  }
  if (password !== undefined && password_file !== undefined) {
    findings.keyProblem(
      ['broker', 'password'],
      'there is password_file as well: use one of the two',
    )
  }
  if (!findings.isWritten(['broker', 'username']) && (password ?? password_file) !== undefined) {
    // [MQTT-3.1.2-22]: no password without a user name.
    findings.problem(['broker', 'username'], 'missing: MQTT knows no password without a user name')
  }
  if (!tls) return
  if (
    findings.isWritten(['broker', 'tls', 'cert']) !== findings.isWritten(['broker', 'tls', 'key'])
  ) {
    findings.problem(['broker', 'tls'], 'cert and key belong together: one is missing')
  }
  if (!urls.every((url) => /^(?:mqtts|wss):/.test(url))) {
    findings.problem(['broker', 'tls'], 'needs mqtts: or wss: in every url')
  }
  if (tls.insecure && tls.pin !== undefined) {
    findings.keyProblem(['broker', 'tls', 'pin'], 'does nothing with insecure: use one of the two')
  }
  if (tls.insecure) {
    findings.warning(
      ['broker', 'tls', 'insecure'],
      'anybody between here and the broker can read and change everything',
    )
  }
}
