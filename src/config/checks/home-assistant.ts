import { baseTopicFault } from '../../names.js'
import { overlaps } from '../../topic-filter.js'
import type { Findings } from '../findings.js'
import type { Survey } from '../survey.js'
import { outputFilters } from '../topics.js'

/** That Home Assistant can be told, and can be heard. */
export function checkHomeAssistant({ homeAssistant, baseTopic }: Survey, findings: Findings): void {
  if (!homeAssistant) return
  const { discovery_prefix: prefix, status_topic } = homeAssistant
  const at = ['homeassistant']
  const fault = baseTopicFault(prefix)
  if (fault !== undefined) findings.problem([...at, 'discovery_prefix'], `it ${fault}`)
  const status = status_topic ?? `${prefix}/status`
  const own = outputFilters(baseTopic, prefix).find((output) => overlaps(output, status))
  if (own !== undefined) {
    findings.problem([...at, 'status_topic'], `is one of ${own}, which the bridge publishes itself`)
  }
}
