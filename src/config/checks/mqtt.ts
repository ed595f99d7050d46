import { overlaps } from '../../topic-filter.js'
import type { Findings } from '../findings.js'
import type { Path } from '../problem.js'
import { type MqttInput, NETWORK_ID, topicOf } from '../schema/source.js'
import type { Survey } from '../survey.js'
import { filterOf, namesDevice, outputFilters, publishFault, templateFault } from '../topics.js'

/** What belongs together in an MQTT source, and what would not work. */
export function checkMqtt(mqtt: MqttInput, path: Path, findings: Findings): void {
  // A preset that lacks something has been named already.
  if (mqtt.topic === undefined) return
  const fault = templateFault(topicOf(mqtt))
  if (fault !== undefined) findings.problem([...path, 'topic'], `cannot be subscribed: ${fault}`)
  const named = namesDevice(topicOf(mqtt))
  if (named && mqtt.device !== undefined) {
    findings.keyProblem(
      [...path, 'device'],
      'the topic names the device by {device} already: use one of the two',
    )
  } else if (fault === undefined && !named && !findings.isWritten([...path, 'device'])) {
    findings.problem(
      path,
      'which device? Put {device} in place of the level of topic that names it, or add device',
    )
  }
  if (mqtt.devices && !named) {
    findings.keyProblem([...path, 'devices'], 'a map of devices needs {device} in the topic')
  }
  for (const id of Object.keys(mqtt.devices ?? {})) {
    if (NETWORK_ID.test(id)) continue
    findings.keyProblem([...path, 'devices', id], 'expected an id that can be a level of a topic')
  }
  checkDownlink(mqtt, [...path, 'downlink'], findings)
}

function checkDownlink({ downlink }: MqttInput, path: Path, findings: Findings): void {
  if (!downlink) return
  const fault = publishFault(downlink.topic)
  if (fault !== undefined) findings.problem([...path, 'topic'], `cannot be published: ${fault}`)
  if (downlink.json === undefined) return
  if (!/\{(?:base64|hex)\}/.test(JSON.stringify(downlink.json))) {
    findings.problem(
      [...path, 'json'],
      'has no place for the bytes: put {base64} or {hex} into one of its texts',
    )
  }
  if (downlink.encoding !== undefined) {
    findings.keyProblem(
      [...path, 'encoding'],
      'json says by {base64} or {hex} how the bytes are written: remove it',
    )
  }
}

/** Nothing that we may publish may come back in as a frame, and no frame twice. */
export function checkLoops(
  { baseTopic, homeAssistant, sources }: Survey,
  findings: Findings,
): void {
  const doors = sources.flatMap(({ path, value }) =>
    value?.mqtt ? [{ path: [...path, 'mqtt', 'topic'], mqtt: value.mqtt }] : [],
  )
  const outputs = [
    ...outputFilters(baseTopic, homeAssistant?.discovery_prefix),
    ...doors.flatMap(({ mqtt }) =>
      mqtt.downlink && publishFault(mqtt.downlink.topic) === undefined
        ? [filterOf(mqtt.downlink.topic)]
        : [],
    ),
  ]
  for (const [index, { path, mqtt }] of doors.entries()) {
    if (templateFault(topicOf(mqtt)) !== undefined) continue
    const filter = filterOf(topicOf(mqtt))
    const looped = outputs.find((output) => overlaps(output, filter))
    if (looped !== undefined) {
      findings.problem(
        path,
        `matches ${looped}, which the bridge publishes itself: its own messages would come back in`,
      )
    }
    const double = doors
      .slice(0, index)
      .find((door) => overlaps(filterOf(topicOf(door.mqtt)), filter))
    if (double) {
      findings.warning(
        path,
        `overlaps with the topic of sources[${double.path[1]}]: what matches both comes twice`,
      )
    }
  }
}
