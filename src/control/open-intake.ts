import type { Clock } from '../clock.js'
import type { Configuration } from '../config/index.js'
import type { Fleet, FleetHandlers } from '../device/index.js'
import type { Log } from '../log.js'
import type { BridgeMemory } from './bridge-memory.js'
import { ClusterIntake, type SharedPartitions } from './cluster-intake.js'
import type { Outlet } from './delivery.js'
import { DirectIntake } from './direct-intake.js'
import type { FleetOutputs } from './fleet-outputs.js'
import { InputGate, type SuspendableInput } from './input-gate.js'
import type { Intake } from './intake.js'
import { JournaledIntake } from './journaled-intake.js'
import { overflowPolicy } from './overflow.js'

/** What an intake is made of. */
export interface IntakeParts {
  readonly configuration: Configuration
  readonly memory?: BridgeMemory | undefined
  readonly cluster?: SharedPartitions | undefined
  readonly fleet: Fleet
  readonly openFleet: (handlers: FleetHandlers) => Fleet
  readonly outlet: Outlet & { withdraw(unwanted: ReadonlySet<() => void>): void }
  readonly outputs: Pick<FleetOutputs, 'delivery' | 'dropped' | 'aside'>
  /** A device is another bridge's from now on. */
  readonly forget: (device: string) => void
  readonly inputs: readonly SuspendableInput[]
  readonly sources: readonly { readonly id: string }[]
  readonly clock: Clock
  readonly log: Log
}

/**
 * The intake that a configuration asks for: with a journal where there is a memory, else straight to the fleet; in a
 * cluster frames are safe where they come from.
 */
export function openIntake(parts: IntakeParts): Intake {
  const { configuration, memory, cluster, fleet, outlet, outputs } = parts
  const { overflow, durability, thinIntervalMs } = configuration.journal
  const aside: FleetOutputs['aside'] = (verdict, session) => outputs.aside(verdict, session)
  const readings: FleetOutputs['delivery'] = (verdict, session) =>
    outputs.delivery(verdict, session)
  if (cluster) {
    return new ClusterIntake({
      cluster,
      fleet,
      publish: (publication, settled) => outlet.publish(publication, settled),
      withdraw: (unwanted) => outlet.withdraw(unwanted),
      words: readings,
      aside,
      forget: parts.forget,
      sources: parts.sources,
      log: parts.log,
      now: () => parts.clock.mono(),
    })
  }
  if (!memory) {
    return new DirectIntake({
      fleet,
      publish: (publication, settled) => outlet.publish(publication, settled),
      words: readings,
      aside,
      endToEnd: durability.kind === 'end-to-end',
      log: parts.log,
      now: () => ({ mono: parts.clock.mono(), wall: parts.clock.wall() }),
    })
  }
  const kinds = new Set(configuration.sources.map(({ kind }) => kind))
  return new JournaledIntake({
    ...parts,
    memory,
    words: { readings, dropped: (entry) => outputs.dropped(entry) },
    aside,
    gate: new InputGate(parts.inputs),
    overflow: overflowPolicy(overflow, { lines: kinds.has('serial'), mqtt: kinds.has('mqtt') }),
    thinIntervalMs,
    plan: fleet.document,
  })
}

/** What an intake wants to hear of the way out; without a journal the way out itself keeps what was on its way. */
export function outletHandlers(intake: () => Intake, journaled: boolean): OutletHandlers {
  return {
    onPoison: (publication, reason) => intake().gaveUp(publication, reason),
    ...(journaled && { onLost: () => intake().outletLost() }),
  }
}

export interface OutletHandlers {
  readonly onPoison: Intake['gaveUp']
  readonly onLost?: () => void
}
