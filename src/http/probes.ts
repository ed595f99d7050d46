import type { Clock } from '../clock.js'
import { isOk } from '../resilience/index.js'
import type { Watch } from './feed/watch.js'
import type { Views } from './views.js'

/** What is wrong, and with what of the bridge. */
export interface Complaint {
  readonly component: string
  readonly message: string
}

/** The bridge reports every five seconds; so much later it never will. */
const REPORTS_WITHIN_MS = 30_000
/** A disk takes seconds at its worst; one that says that it fails is another matter. */
const COMMITS_WITHIN_MS = 60_000

/** Something that has to go on: how far it is, and since when it has been there. */
interface Progress {
  readonly step: number
  readonly since: number
}

/** Says what a supervisor wants to know: whether to start the process anew, and whether it does its job. */
export class Probes {
  readonly #views: Views
  readonly #watch: Watch
  readonly #clock: Clock
  #reports: Progress
  #commits: Progress

  constructor(views: Views, watch: Watch, clock: Clock) {
    this.#views = views
    this.#watch = watch
    this.#clock = clock
    const now = clock.mono()
    this.#reports = { step: watch.reports, since: now }
    this.#commits = { step: this.#committed(), since: now }
  }

  /** Why the process should be started anew; none while that would not help. */
  live(): readonly Complaint[] {
    const now = this.#clock.mono()
    this.#reports = moved(this.#reports, this.#watch.reports, now)
    const { journal } = this.#views
    // Only who has something to write can stand still; a disk that fails is not mended by a restart.
    const mustCommit = journal !== undefined && !journal.idle && journal.state.kind !== 'failing'
    this.#commits = mustCommit
      ? moved(this.#commits, this.#committed(), now)
      : { step: this.#committed(), since: now }
    return [
      ...(now - this.#reports.since > REPORTS_WITHIN_MS
        ? [{ component: 'health', message: 'the bridge has not looked at itself for 30 seconds' }]
        : []),
      ...(now - this.#commits.since > COMMITS_WITHIN_MS
        ? [{ component: 'journal', message: 'frames wait, and nothing is written for a minute' }]
        : []),
    ]
  }

  /** Why frames do not become readings at the broker; none while they do, as far as there are any. */
  ready(): readonly Complaint[] {
    const { sources } = this.#views
    const { checks } = this.#watch.report.health
    if (checks.length === 0) return [{ component: 'health', message: 'the bridge has only begun' }]
    const byBroker = sources.some(({ id }) => id.startsWith('mqtt:'))
    const needed = ['broker', 'journal', 'embedded-broker', ...(byBroker ? ['broker:input'] : [])]
    const complaints: Complaint[] = checks
      .filter(({ component, status }) => needed.includes(component) && !isOk(status))
      .map(({ component, message }) => ({ component, message }))
    if (sources.length > 0 && sources.every(({ state }) => state.kind !== 'open'))
      complaints.push({ component: 'sources', message: 'none is open' })
    return complaints
  }

  #committed(): number {
    const counters = this.#views.journal?.counters()
    return counters ? counters.commits + counters.failures : 0
  }
}

const moved = (before: Progress, step: number, now: number): Progress =>
  before.step === step ? before : { step, since: now }
