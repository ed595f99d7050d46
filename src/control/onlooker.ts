import type { DeviceEvent, DeviceSession, Verdict } from '../device/index.js'
import type { Log } from '../log.js'
import type { DegradationLevel, Feature, HealthReport } from '../resilience/index.js'

/** Looks at what goes through the bridge and touches nothing. It is called on the way: it has to be quick. */
export interface Onlooker {
  /** Every frame's outcome, its events with it; the verdict may be kept, its frame's bytes may not be written to. */
  onVerdict(verdict: Verdict, session: DeviceSession): void
  /** What happened without a frame, as by time or by a request. */
  onEvent(event: DeviceEvent, session: DeviceSession): void
  /** How the system is: every five seconds, and soon after a door has opened or closed. */
  onReport(report: HealthReport, level: DegradationLevel, shed: ReadonlyMap<Feature, number>): void
}

/** The same, but for its exceptions: the first one is logged, and from then on nobody looks any more. */
export function shielded(onlooker: Onlooker, log: Log): Onlooker {
  let eyes: Onlooker | undefined = onlooker
  const look = (glance: (eyes: Onlooker) => void) => {
    if (!eyes) return
    try {
      glance(eyes)
    } catch (error) {
      eyes = undefined
      log.error({ err: error }, 'the window failed unexpectedly: it shows nothing new')
    }
  }
  return {
    onVerdict: (verdict, session) => look((eyes) => eyes.onVerdict(verdict, session)),
    onEvent: (event, session) => look((eyes) => eyes.onEvent(event, session)),
    onReport: (...report) => look((eyes) => eyes.onReport(...report)),
  }
}
