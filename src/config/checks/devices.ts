import { isDeviceId, sameName } from '../../names.js'
import type { Findings } from '../findings.js'
import type { Path } from '../problem.js'
import { topicOf } from '../schema/source.js'
import type { Survey } from '../survey.js'
import { namesDevice } from '../topics.js'
import { didYouMean } from '../wording.js'
import { deviceRefs } from './device-refs.js'
import { checkName, checkUnique } from './names.js'

/** That devices, their models and the sources that bring them fit together. */
export function checkDevices(survey: Survey, findings: Findings): void {
  const { devices, models, unknownDevices, defaultModel } = survey
  checkUnique(devices.values(), 'device', findings)
  for (const { name, path, value } of devices.values()) {
    checkName(name, path, findings, isDeviceId)
    if (value) checkModel(value.model, [...path, 'model'], models, findings)
  }
  if (defaultModel !== undefined) {
    checkModel(defaultModel, ['default_model'], models, findings)
    if (unknownDevices !== undefined && unknownDevices !== 'accept') {
      findings.keyWarning(['default_model'], 'has no effect without unknown_devices: accept')
    }
  } else if (unknownDevices === 'accept' && !findings.isWritten(['default_model'])) {
    findings.problem(
      ['unknown_devices'],
      'accept needs default_model, the model to decode them with',
    )
  }
  checkPeers(survey, findings)
  checkRefs(survey, findings)
}

/** Devices that are taken in unasked may be any number, and one that is mistyped may be of any model. */
function checkPeers({ models, devices, unknownDevices }: Survey, findings: Findings): void {
  if (unknownDevices === 'accept') return
  const used = Array.from(devices.values(), ({ value }) => value?.model)
  for (const { name, path, value } of models.values()) {
    if (!value?.peers || used.includes(undefined)) continue
    const count = used.filter((model) => model === name).length
    const { minimum } = value.peers
    if (count >= minimum) continue
    const there = count === 1 ? '1 device is' : `${count} devices are`
    findings.keyWarning(
      [...path, 'peers'],
      `has no effect: ${there} of this model, and ${minimum} have to be heard`,
    )
  }
}

function checkModel(name: string, path: Path, models: Survey['models'], findings: Findings): void {
  if (models.has(name)) return
  findings.problem(path, `there is no model ${name}${didYouMean(name, models.keys())}`)
}

function checkRefs(survey: Survey, findings: Findings): void {
  const { devices, sources, unknownDevices } = survey
  const seen = new Map<string, string>()
  for (const { device, path, source } of deviceRefs(sources)) {
    const other = seen.get(device.toLowerCase())
    if (other !== undefined) {
      const where = other === source ? 'this source' : other
      findings.problem(
        path,
        `the device ${device} comes by ${where} already: a device has one way in`,
      )
    }
    seen.set(device.toLowerCase(), source)
    if (devices.has(device)) continue
    const meant = didYouMean(device, devices.keys())
    // Under nearly the same name it would be a second device to some, and the same to others.
    const known = [...devices.keys()].some((id) => sameName(id, device))
    if (unknownDevices === 'accept' && !known) {
      checkName(device, path, findings, isDeviceId)
      findings.warning(
        path,
        `the device ${device} is not declared: it gets the default model${meant}`,
      )
    } else {
      findings.problem(path, `there is no device ${device} under devices${meant}`)
    }
  }
  const anyDevice = sources.some(
    ({ value }) => value?.mqtt !== undefined && namesDevice(topicOf(value.mqtt)),
  )
  if (anyDevice) return
  for (const { name, path } of devices.values()) {
    if (!seen.has(name.toLowerCase())) findings.keyWarning(path, 'no source brings this device')
  }
}
