import { didYouMean, type SerialSourceConfig } from '../config/index.js'
import { isDeviceId, sameName } from '../names.js'
import { doorThatGives, sourceIdOf } from './named-by-doors.js'
import type { RosterEdit } from './reload.js'
import type { AddedDevice, Roster } from './roster.js'
import type { Settings } from './settings.js'

/** Takes a device in. */
export const addDevice =
  (id: string, device: AddedDevice): RosterEdit =>
  (settings) => {
    const { roster, file } = settings
    const problems = [
      ...idProblems(id, settings),
      ...modelProblems(device.model, settings),
      ...doorProblems(device, settings),
    ]
    if (problems.length > 0) return { ok: false, problems }
    const declared = file.devices.get(id)
    // It was removed by request: taking that back is all there is to do.
    if (declared && declared.model !== device.model) {
      const message = `the file declares ${id} as ${declared.model}: leave the model out, or change the file`
      return { ok: false, problems: [message] }
    }
    const removed = roster.removed.filter((one) => one !== id)
    const added = declared ? roster.added : { ...roster.added, [id]: device }
    return { ok: true, roster: { ...roster, added, removed } }
  }

/** Takes a device out, whoever has declared it. */
export const removeDevice =
  (id: string): RosterEdit =>
  (settings) => {
    const { roster, file } = settings
    if (!settings.deviceOf(id)) return unknownDevice(id, settings)
    const own = doorIdOf(roster, id)
    const { [own]: _device, ...added } = roster.added
    const { [own]: _name, ...renamed } = roster.renamed
    const removed = file.devices.has(own) ? [...roster.removed, own] : roster.removed
    return { ok: true, roster: { added, removed, renamed } }
  }

/** Gives a device another id, another name for people, or both. */
export const renameDevice =
  (id: string, to: string, name: string | undefined): RosterEdit =>
  (settings) => {
    const { roster } = settings
    if (!settings.deviceOf(id)) return unknownDevice(id, settings)
    const problems =
      to === id ? [] : [...idProblems(to, settings, id), ...giverProblems(to, settings)]
    if (problems.length > 0) return { ok: false, problems }
    const own = doorIdOf(roster, id)
    const label = name ?? roster.renamed[own]?.name
    const { [own]: _before, ...others } = roster.renamed
    const isOld = to === own && label === undefined
    const renamed = isOld
      ? others
      : { ...others, [own]: { to, ...(label !== undefined && { name: label }) } }
    return { ok: true, roster: { ...roster, renamed }, ...(to !== id && { renamed: [id, to] }) }
  }

/** Gives a device that is there by request another model. */
export const remodelDevice =
  (id: string, model: string): RosterEdit =>
  (settings) => {
    const { roster } = settings
    const device = settings.deviceOf(id)
    if (!device) return unknownDevice(id, settings)
    if (device.model === model) return { ok: true, roster }
    const own = doorIdOf(roster, id)
    const added = roster.added[own]
    if (!added) {
      const message = `the file declares ${id} as ${device.model}: change the model there, and reload`
      return { ok: false, problems: [message] }
    }
    const problems = modelProblems(model, settings)
    if (problems.length > 0) return { ok: false, problems }
    return {
      ok: true,
      roster: { ...roster, added: { ...roster.added, [own]: { ...added, model } } },
    }
  }

/** The id by which its door knows a device. */
export const doorIdOf = (roster: Roster, id: string): string =>
  Object.entries(roster.renamed).find(([, { to }]) => to === id)?.[0] ?? id

export function unknownDevice(
  id: string,
  { current }: Pick<Settings, 'current'>,
): { readonly ok: false; readonly problems: readonly string[] } {
  const problems = [`there is no device ${id}${didYouMean(id, current.devices.keys())}`]
  return { ok: false, problems }
}

function idProblems(id: string, { current }: Settings, except?: string): string[] {
  if (!isDeviceId(id))
    return [`${id} is no id of a device: a letter or digit, then letters, digits, _ or -`]
  const others = [...current.devices.keys()].filter((one) => one !== except)
  const same = others.find((one) => sameName(one, id))
  return same === undefined ? [] : [`there is a device ${same} already`]
}

/** A device that was taken out may go on sending. */
function giverProblems(id: string, { current }: Settings): string[] {
  const door = doorThatGives(current.sources, id)
  return door && !current.devices.has(id)
    ? [`${sourceIdOf(door)} calls another device ${id}, which was removed: change that in the file`]
    : []
}

function modelProblems(model: string, { current }: Settings): string[] {
  if (current.models.has(model)) return []
  const known = [...current.models.keys()].join(', ') || 'none'
  return [`there is no model ${model}${didYouMean(model, current.models.keys())}; known: ${known}`]
}

function doorProblems({ source, as }: AddedDevice, { current }: Settings): string[] {
  if (source === undefined && as === undefined) return []
  if (source === undefined || as === undefined)
    return ['source and as belong together: the door, and how the device is known there']
  const known = current.sources.find((one) => sourceIdOf(one) === source)
  if (!known) {
    const all = current.sources.map(sourceIdOf)
    return [`there is no source ${source}${didYouMean(source, all)}; known: ${all.join(', ')}`]
  }
  return known.kind === 'serial' ? lineProblems(known, as) : []
}

function lineProblems({ address, devices }: SerialSourceConfig, as: string | number): string[] {
  if (address !== 'byte') return ['on a line without addresses there is one device only']
  const number = Number(as)
  if (!Number.isInteger(number) || number < 0 || number > 255)
    return [`as: an address on the line is a number from 0 to 255, got ${as}`]
  const other = devices?.get(number)
  return other === undefined ? [] : [`address ${number} is that of the device ${other}`]
}
