import { isChannelName, isDeviceId } from '../../names.js'
import { decimalFault } from '../decimal.js'
import type { Findings } from '../findings.js'
import { quantities } from '../quantities.js'
import type { ChannelInput } from '../schema/model.js'
import { sourceIdOf } from '../source-id.js'
import type { SourceTree } from '../source-tree.js'
import type { ModelPiece, Piece, Survey } from '../survey.js'
import { closest, describe } from '../wording.js'
import { checkName, checkUnique } from './names.js'

const MAX_COMPACT_CHANNELS = 64

type Head = NonNullable<ModelPiece['value']>

/** What the schema cannot say about models: what belongs together, and what will not decode well. */
export function checkModels({ models }: Survey, tree: SourceTree, findings: Findings): void {
  checkUnique(models.values(), 'model', findings)
  for (const model of models.values()) {
    checkName(model.name, model.path, findings)
    checkChannelNames(model, findings)
    for (const channel of model.channels) {
      if (channel.value) checkRange(channel.path, channel.value, tree, findings)
    }
    if (!model.value) continue
    if (model.value.frames === 'compact') checkCompact(model, findings)
    else checkStandard(model, model.value, findings)
    for (const channel of model.channels) {
      if (channel.value) warnOfChannel(channel, channel.value, model.value, tree, findings)
    }
  }
}

/** A channel's name is a key of a reading, and a level of a topic like a device's id. */
const isFree = (name: string): boolean => isChannelName(name.toLowerCase()) && isDeviceId(name)

function checkChannelNames(model: ModelPiece, findings: Findings): void {
  const named = model.channels.flatMap(({ path, value }) =>
    value ? [{ name: value.name, path: [...path, 'name'] }] : [],
  )
  for (const { name, path } of named) checkName(name, path, findings, isFree)
  checkUnique(named, 'channel', findings)
}

function checkRange(
  path: ModelPiece['path'],
  { resolution, min, max }: ChannelInput,
  tree: SourceTree,
  findings: Findings,
): void {
  if (resolution !== undefined) {
    const at = [...path, 'resolution']
    const written = tree.written(at)
    const expected = decimalFault(written ?? '')
    if (expected !== undefined) {
      findings.problem(at, `expected ${expected}, got ${describe(resolution, written)}`)
    }
  }
  if (min !== undefined && max !== undefined && min >= max) {
    findings.problem([...path, 'max'], `expected more than min (${min}), got the number ${max}`)
  }
}

function checkCompact({ path, value, channels }: ModelPiece, findings: Findings): void {
  if (channels.length > MAX_COMPACT_CHANNELS) {
    findings.problem(
      [...path, 'channels'],
      `compact frames hold 1 to ${MAX_COMPACT_CHANNELS} channels, got ${channels.length}`,
    )
  }
  if (value?.multi !== undefined) {
    findings.keyProblem([...path, 'multi'], 'only standard frames are multi frames: remove it')
  }
  if (value?.checksum) {
    findings.problem([...path, 'checksum'], 'compact frames have no checksum: remove it')
  }
  if (value?.suppresses) {
    findings.problem([...path, 'suppresses'], 'compact frames carry every channel: remove it')
  }
  for (const { path: at, value: channel } of channels) {
    if (channel?.source === undefined) continue
    findings.keyProblem(
      [...at, 'source'],
      'channels of compact frames are told apart by their position: remove it',
    )
  }
}

function checkStandard({ path, channels }: ModelPiece, head: Head, findings: Findings): void {
  if (head.profile === 'closed-loop') {
    findings.problem([...path, 'profile'], 'closed-loop devices send compact frames only')
  }
  if (head.keyframe_interval !== undefined) {
    findings.keyProblem(
      [...path, 'keyframe_interval'],
      'standard frames know no keyframe: remove it',
    )
  }
  checkChannelSources(channels, head, findings)
  if (head.multi !== 'plain') {
    findings.keyWarning(
      path,
      'standard frames know no keyframe: after a lost frame readings are uncertain until the device sends whole ' +
        'values, its deltas leave one possibility, or a context is imported; resolution, min, max and max_step help',
    )
  }
}

const MISSING_SOURCE =
  'missing: standard frames tell their channels apart by source: a number, or the name that the device uses'

/** Each channel needs an id of its own; two names may hash to the same one. */
function checkChannelSources(
  channels: readonly Piece<ChannelInput>[],
  { multi }: Head,
  findings: Findings,
): void {
  const taken = new Map<number, string>()
  for (const { path, value: channel } of channels) {
    if (!channel) continue
    const at = [...path, 'source']
    if (channel.source === undefined) {
      if (!findings.isWritten(at)) findings.problem(at, MISSING_SOURCE)
      continue
    }
    const id = sourceNumber(channel.source)
    const words = typeof channel.source === 'string' ? `${channel.source} (${id})` : String(id)
    const other = taken.get(id)
    if (other !== undefined) {
      findings.problem(at, `the source ${words} is that of channel ${other} already`)
    } else if (multi !== undefined && id > 255) {
      findings.problem(
        at,
        `expected a name id from 0 to 255, as in multi frames, got the number ${id}`,
      )
    }
    taken.set(id, other ?? channel.name)
  }
}

/** The number on the wire: a name stands for its hash. */
export const sourceNumber = (source: number | string): number =>
  typeof source === 'number' ? source : sourceIdOf(source)

function warnOfChannel(
  { path }: Piece<ChannelInput>,
  channel: ChannelInput,
  { scale, multi, profile }: Head,
  tree: SourceTree,
  findings: Findings,
): void {
  const { quantity, resolution, min, max } = channel
  if (quantity !== undefined && !quantities.includes(quantity)) {
    const near = closest(quantity, quantities)
    if (near) findings.warning([...path, 'quantity'], `not a known quantity; did you mean ${near}?`)
  }
  // Plain multi frames carry whole values: no deltas, and nothing to find again after a loss.
  if (multi === 'plain') return
  const written = tree.written([...path, 'resolution'])
  if (resolution !== undefined && Number(written) < 1 / scale) {
    findings.warning(
      [...path, 'resolution'],
      `finer than the step of a delta (1/${scale}): deltas cannot be decoded exactly; raise scale in the firmware and here`,
    )
  }
  const bounded = min !== undefined && max !== undefined
  // A closed-loop device needs no declaration: one keyframe makes everything exact again.
  if (!bounded && profile !== 'closed-loop' && !quantities.includes(quantity ?? '')) {
    findings.keyWarning(
      path,
      `channel ${channel.name}: no min and max and no known quantity: after a loss its error is unlimited`,
    )
  }
}
