import { type Configuration, checkConfiguration, type LoadOutcome } from '../../src/config/index.js'
import type { DevicePlan, Plan } from './plan.js'

/**
 * How a device's model is declared, all of it true: as it is; with other names of its channels, so that nothing that was
 * known holds; the same under another name; with other units, which are for people.
 */
export const wordings = ['plain', 'other-channels', 'other-model', 'other-units'] as const

export type Wording = (typeof wordings)[number]

interface Declaration {
  isDeclared: boolean
  wording: Wording
  /** The id that the file gives to it. */
  name: string
}

const LEAST_LIMIT = 50
const LEAST_BURST = 200

/** The configuration's file, which people edit at any time; every declaration in it is true. */
export class Declarations {
  readonly #plan: Plan
  readonly #devices: ReadonlyMap<string, Declaration>
  /** Frames a second that a device may send, times this. */
  #allowance = 1
  #isBroken = false
  #outcome: LoadOutcome | undefined

  constructor(plan: Plan) {
    this.#plan = plan
    const present = plan.devices.filter(({ node: { id } }) => id !== plan.absent)
    this.#devices = new Map(
      present.map(({ node: { id } }) => [id, { isDeclared: true, wording: 'plain', name: id }]),
    )
  }

  /** Declares a device, or takes that back. */
  toggle(id: string): void {
    this.#edit(() => {
      const device = this.#devices.get(id)
      if (device) device.isDeclared = !device.isDeclared
    })
  }

  /** Gives a device another id; where somebody has that, he gets this one's. */
  call(id: string, name: string): void {
    this.#edit(() => {
      const device = this.#devices.get(id)
      const other = [...this.#devices.values()].find((one) => one.name === name)
      if (other && device) other.name = device.name
      if (device) device.name = name
    })
  }

  nameOf(id: string): string {
    return this.#devices.get(id)?.name ?? id
  }

  isDeclared(id: string): boolean {
    return this.#devices.get(id)?.isDeclared ?? false
  }

  reword(id: string, wording: Wording): void {
    this.#edit(() => {
      const device = this.#devices.get(id)
      if (device) device.wording = wording
    })
  }

  allow(times: number): void {
    this.#edit(() => {
      this.#allowance = times
    })
  }

  /** As while somebody still writes; false: it can be read again. */
  spoil(isBroken: boolean): void {
    this.#isBroken = isBroken
  }

  /** What a running bridge gets that reads it. */
  read(): LoadOutcome {
    return this.#isBroken ? check({ version: 1, devices: 'none' }) : this.#read()
  }

  /** What a bridge works with that starts now: nobody starts it while the file cannot be read. */
  get configuration(): Configuration {
    const outcome = this.#read()
    if (outcome.ok) return outcome.configuration
    throw new Error(outcome.problems.map(({ message }) => message).join('; '))
  }

  #edit(change: () => void): void {
    change()
    this.#outcome = undefined
  }

  #read(): LoadOutcome {
    if (this.#outcome) return this.#outcome
    const outcome = check(this.#document())
    this.#outcome = outcome.ok
      ? { ...outcome, configuration: small(outcome.configuration, this.#plan) }
      : outcome
    return this.#outcome
  }

  #document(): Readonly<Record<string, unknown>> {
    const models: [string, object][] = []
    const devices: [string, object][] = []
    const mapped: [string, string][] = []
    for (const device of this.#plan.devices) {
      const { id } = device.node
      const declaration = this.#devices.get(id)
      if (!declaration) continue
      const model = declaration.wording === 'other-model' ? `${id}-again` : id
      models.push([model, modelOf(device, declaration.wording)])
      if (!declaration.isDeclared) continue
      devices.push([declaration.name, { model }])
      if (declaration.name !== id) mapped.push([id, declaration.name])
    }
    return {
      version: 1,
      bridge: { id: 'sim' },
      broker: { url: 'mqtt://sim:1883' },
      models: Object.fromEntries(models),
      sources: [
        {
          mqtt: {
            topic: 'alec/{device}/frame',
            ...(mapped.length > 0 && { devices: Object.fromEntries(mapped) }),
          },
        },
      ],
      devices: Object.fromEntries(devices),
      ...(this.#allowance !== 1 && {
        limits: {
          frames_per_second: LEAST_LIMIT * this.#allowance,
          burst: LEAST_BURST * this.#allowance,
        },
      }),
      ...overflowOf(this.#plan),
    }
  }
}

const check = (document: object): LoadOutcome =>
  checkConfiguration(document, { cwd: '/sim', hostName: 'sim' })

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

/** What a channel is called in a wording. */
export const channelName = (name: string, wording: Wording): string =>
  wording === 'other-channels' ? `${name}-too` : name

function modelOf({ node }: DevicePlan, wording: Wording): object {
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
      name: channelName(name, wording),
      quantity: kind.quantity,
      ...(wording === 'other-units' && { unit: 'of its own' }),
      resolution: Number(kind.resolution),
      min: kind.min,
      max: kind.max,
      max_step: kind.maxStep,
      ...(!compact && { source }),
    })),
  }
}
