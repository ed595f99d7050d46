import { type Configuration, formatProblem, type LoadOutcome } from '../config/index.js'
import {
  type FleetChange,
  type FleetOrder,
  type FleetPlan,
  type PlanDocument,
  planDocument,
  samePlan,
} from '../device/index.js'
import type { Log } from '../log.js'
import type { InletsChange } from '../transport/index.js'
import { planOf } from './fleet-options.js'
import { IN_A_CLUSTER } from './in-a-cluster.js'
import type { OnObeyed } from './orders.js'
import { reloadable } from './restart-only.js'
import type { Roster } from './roster.js'
import type { RosterStore, Settings } from './settings.js'

/** What has changed, by id. */
export interface AppliedChange {
  readonly devices: {
    readonly added: readonly string[]
    readonly removed: readonly string[]
    readonly changed: readonly string[]
    /** Of which nothing that was known holds. */
    readonly forgotten: readonly string[]
  }
  readonly sources: InletsChange
  /** Keys whose change takes effect at the next start. */
  readonly needsRestart: readonly string[]
  /** What else people should know. */
  readonly notes: readonly string[]
}

export type ReloadOutcome =
  | ({ readonly ok: true } & AppliedChange)
  /** Nothing has changed. */
  | { readonly ok: false; readonly problems: readonly string[] }

export interface ReloadOptions {
  readonly settings: Settings
  /** Reads the configuration again; absent where it does not come from a file. */
  readonly load?: (() => LoadOutcome) | undefined
  /** Absent where nothing outlives the process. */
  readonly rosterStore?: RosterStore | undefined
  readonly inlets: { change(configuration: Configuration): InletsChange }
  readonly order: (order: FleetOrder, done: OnObeyed) => void
  /** The new settings are in force: whoever has taken something from them takes it anew. */
  readonly onApplied: (configuration: Configuration) => void
  readonly log: Log
}

/** What a roster is to become, or why it is not. */
export type RosterEdit = (
  settings: Settings,
) =>
  | { readonly ok: true; readonly roster: Roster; readonly renamed?: readonly [string, string] }
  | { readonly ok: false; readonly problems: readonly string[] }

/**
 * Brings the running bridge to another configuration: doors and devices one by one, the others untouched. One change at
 * a time; one that is not valid changes nothing.
 */
export class Reload {
  readonly #options: ReloadOptions
  /** As it was started, as far as it has not changed since: what needs a restart stays so. */
  #plan: PlanDocument
  #turn: Promise<unknown> = Promise.resolve()

  constructor(options: ReloadOptions) {
    this.#options = options
    this.#plan = planDocument(planOf(options.settings.current))
  }

  /** Reads the configuration again and applies it. Never rejects. */
  reload(): Promise<ReloadOutcome> {
    return this.#inTurn(() => this.#reload())
  }

  /** Changes the devices by request, durably. Never rejects. */
  amend(edit: RosterEdit): Promise<ReloadOutcome> {
    return this.#inTurn(() => this.#amend(edit))
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work)
    this.#turn = result.catch(() => {})
    return result
  }

  async #reload(): Promise<ReloadOutcome> {
    const { load, settings, log } = this.#options
    if (!load) return failed(['there is no configuration file that could be read again'])
    if (settings.current.cluster) return failed([IN_A_CLUSTER])
    const outcome = load()
    if (!outcome.ok) {
      const problems = outcome.problems.map(formatProblem)
      log.error({ problems }, 'reload_failed')
      return failed(problems)
    }
    const { configuration, needsRestart } = reloadable(settings.file, outcome.configuration)
    settings.take({ file: configuration })
    const change = await this.#apply(needsRestart, undefined)
    await this.#keep()
    const warnings = outcome.warnings.map(formatProblem)
    const applied = { ...change, notes: [...warnings, ...change.notes] }
    log.info(applied, 'configuration reloaded')
    if (needsRestart.length > 0)
      log.warn({ keys: needsRestart }, 'these changes take effect at the next start')
    return { ok: true, ...applied }
  }

  async #amend(edit: RosterEdit): Promise<ReloadOutcome> {
    const { settings } = this.#options
    if (settings.current.cluster) return failed([IN_A_CLUSTER])
    const edited = edit(settings)
    if (!edited.ok) return edited
    const before = settings.roster
    settings.take({ roster: edited.roster })
    const fault = await this.#keep()
    if (fault !== undefined) {
      settings.take({ roster: before })
      return failed([`not done, for it could not be kept: ${fault}`])
    }
    const { rosterStore } = this.#options
    const change = await this.#apply([], edited.renamed)
    const notes = rosterStore
      ? change.notes
      : [...change.notes, 'nothing is kept on disk here: the next start does not know of it']
    return { ok: true, ...change, notes }
  }

  /** Returns why not, where it could not be kept. */
  async #keep(): Promise<string | undefined> {
    const { rosterStore, settings, log } = this.#options
    try {
      await rosterStore?.save(settings.roster)
      return undefined
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      log.error({ reason }, 'what requests have made of the devices could not be kept')
      return reason
    }
  }

  async #apply(
    needsRestart: readonly string[],
    renamed: readonly [string, string] | undefined,
  ): Promise<AppliedChange> {
    const { settings, inlets, onApplied } = this.#options
    const { current } = settings
    const plan = planOf(current)
    // In this order and within one turn: what the doors bring from here on comes behind the plan.
    const obeyed = this.#order(plan, renamed)
    const sources = inlets.change(current)
    const change = await obeyed
    onApplied(current)
    return {
      devices: {
        added: ids(change?.added),
        removed: ids(change?.removed),
        changed: ids(change?.changed),
        forgotten: change?.forgotten ?? [],
      },
      sources,
      needsRestart,
      notes: settings.notes,
    }
  }

  #order(
    plan: FleetPlan,
    renamed: readonly [string, string] | undefined,
  ): Promise<FleetChange | undefined> {
    const document = planDocument(plan)
    if (samePlan(document, this.#plan)) return Promise.resolve(undefined)
    this.#plan = document
    const order = { do: 'plan', plan: document, ...(renamed && { renamed: [renamed] }) } as const
    return new Promise((resolve) => {
      this.#options.order(order, (outcome) => resolve(outcome.ok ? outcome.change : undefined))
    })
  }
}

const ids = (sessions: FleetChange['added'] = []): string[] => sessions.map(({ id }) => id)

const failed = (problems: readonly string[]): ReloadOutcome => ({ ok: false, problems })
