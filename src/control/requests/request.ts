import type { Clock } from '../../clock.js'
import { checkShape, type Shape } from '../../config/index.js'
import type { Fleet, FleetOrder } from '../../device/index.js'
import type { HealthReport } from '../../resilience/index.js'
import type { Publisher, Source } from '../../transport/index.js'
import type { CaptureDesk } from '../capture-desk.js'
import type { FleetOutputs } from '../fleet-outputs.js'
import type { KeyframeRequests } from '../keyframe-requests.js'
import type { LogLevels } from '../log-levels.js'
import type { OnObeyed } from '../orders.js'
import type { Reload, ReloadOutcome } from '../reload.js'
import type { Settings } from '../settings.js'

/** What requests can look at, and what they can have done. */
export interface Affairs {
  readonly version: string
  readonly settings: Settings
  readonly clock: Clock
  readonly fleet: Fleet
  readonly inlets: { readonly sources: readonly Source[] }
  readonly publisher: Pick<Publisher, 'counters'>
  readonly outputs: Pick<FleetOutputs, 'devices' | 'event' | 'refreshSnapshot'>
  readonly changes: Pick<Reload, 'reload' | 'amend'>
  readonly keyframes: Pick<KeyframeRequests, 'insist'>
  readonly capture: Pick<CaptureDesk, 'start' | 'stop' | 'state'>
  readonly logLevels?: LogLevels | undefined
  health(): HealthReport
  /** How many requests there were. */
  counters(): RequestCounters
  order(order: FleetOrder, done: OnObeyed): void
}

export interface RequestCounters {
  readonly answered: number
  /** Of them: with an error. */
  readonly failed: number
  /** Not answered: too many of them at once. */
  readonly limited: number
  /** Not answered: the broker had them in store, from whatever time. */
  readonly retained: number
}

export type Answer =
  | { readonly ok: true; readonly data: unknown }
  | { readonly ok: false; readonly problems: readonly string[] }

/** Something that the bridge can be asked for. */
export interface Request {
  readonly verb: string
  /** Whether it changes something: then it stands in the log at info, else at debug. */
  readonly changes: boolean
  answer(document: unknown, affairs: Affairs): Promise<Answer>
}

interface RequestDefinition<Input> {
  readonly verb: string
  readonly changes?: boolean
  readonly shape: Shape<Input>
  /** May throw nothing but bugs. */
  readonly handle: (input: Input, affairs: Affairs) => Answer | Promise<Answer>
}

/** A request whose document has this shape. */
export const request = <Input>({
  verb,
  changes = false,
  shape,
  handle,
}: RequestDefinition<Input>): Request => ({
  verb,
  changes,
  answer: async (document, affairs) => {
    const checked = checkShape(shape, document)
    return checked.ok ? handle(checked.value, affairs) : checked
  },
})

export const done = (data: unknown = {}): Answer => ({ ok: true, data })

export const refused = (...problems: readonly string[]): Answer => ({ ok: false, problems })

/** What a change of devices or of the configuration has come to. */
export const changed = (outcome: ReloadOutcome): Answer =>
  outcome.ok
    ? done({
        devices: outcome.devices,
        sources: outcome.sources,
        needs_restart: outcome.needsRestart,
        notes: outcome.notes,
      })
    : outcome

/** Has a device do something among its frames. */
export const ordered = (order: FleetOrder, { order: give, fleet, outputs }: Affairs) =>
  new Promise<Answer>((resolve) => {
    give(order, (outcome) => {
      if (!outcome.ok) {
        resolve(outcome)
        return
      }
      const session = outcome.device === undefined ? undefined : fleet.session(outcome.device)
      if (session) for (const event of outcome.events) outputs.event(event, session)
      const events = outcome.events.map(({ type }) => type)
      resolve(done({ device: outcome.device, events }))
    })
  })
