import { type Configuration, checkConfiguration } from '../../src/config/index.js'
import type { DevicePlan, Plan } from './plan.js'

/** What a bridge has to be told to receive a plan's devices; every declaration is true. */
export function configurationOf(plan: Plan): Configuration {
  const present = plan.devices.filter(({ node: { id } }) => id !== plan.absent)
  const outcome = checkConfiguration(
    {
      version: 1,
      bridge: { id: 'sim' },
      broker: { url: 'mqtt://sim:1883' },
      models: Object.fromEntries(present.map((device) => [device.node.id, modelOf(device)])),
      sources: [{ mqtt: { topic: 'alec/{device}/frame' } }],
      devices: Object.fromEntries(present.map(({ node: { id } }) => [id, { model: id }])),
      ...overflowOf(plan),
    },
    { cwd: '/sim', hostName: 'sim' },
  )
  if (outcome.ok) return small(outcome.configuration, plan)
  throw new Error(outcome.problems.map(({ message }) => message).join('; '))
}

function overflowOf({ strengths, overflow, devices }: Plan): object {
  const { choice, thinIntervals } = overflow
  if (!strengths.has('small-journal') || choice === 'by-door') return {}
  const slowest = Math.max(...devices.map(({ node }) => node.intervalMs))
  return {
    journal: { overflow: choice },
    ...(choice === 'thin' && {
      outputs: { thin_interval: `${Math.round(thinIntervals * slowest)}ms` },
    }),
  }
}

/** So small that a few hundred frames are too many, which nobody can configure. */
function small(configuration: Configuration, { strengths, overflow }: Plan): Configuration {
  if (!strengths.has('small-journal')) return configuration
  return {
    ...configuration,
    journal: { ...configuration.journal, maxBytes: overflow.maxBytes },
  }
}

function modelOf({ node }: DevicePlan): object {
  const compact = node.frames === 'compact'
  return {
    frames: compact ? 'compact' : 'standard',
    profile: node.profile,
    interval: `${node.intervalMs}ms`,
    scale: node.scale,
    ...(compact && { keyframe_interval: node.keyframeInterval }),
    ...(node.checksum && { checksum: true }),
    ...(node.suppresses && { suppresses: true }),
    ...(node.frames === 'adaptive-multi' && { multi: 'adaptive' }),
    channels: node.channels.map(({ name, kind, source }) => ({
      name,
      quantity: kind.quantity,
      resolution: Number(kind.resolution),
      min: kind.min,
      max: kind.max,
      max_step: kind.maxStep,
      ...(!compact && { source }),
    })),
  }
}
