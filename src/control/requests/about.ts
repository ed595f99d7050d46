import { strict } from '../../config/index.js'
import { done, request } from './request.js'

const NEWEST_UNKNOWN = 100

/** What the bridge is and what it works with; never a secret: everything is picked one by one. */
export const info = request({
  verb: 'info',
  shape: strict({}),
  handle: (_input, affairs) => {
    const { version, settings, fleet, inlets, publisher, logLevels, capture, counters } = affairs
    const { bridge, baseTopic, models } = settings.current
    const { published, acknowledged, queuedMessages, queuedBytes, dropped } = publisher.counters()
    return done({
      id: bridge.id,
      version,
      base_topic: baseTopic,
      node: process.versions.node,
      models: [...models.keys()],
      devices: fleet.size,
      sources: inlets.sources.map(({ id, state }) => ({ id, state: state.kind })),
      published,
      acknowledged,
      queue: { messages: queuedMessages, bytes: queuedBytes },
      dropped,
      requests: counters(),
      ...(capture.state && { capture: capture.state }),
      ...(logLevels && { log: logLevels.describe() }),
    })
  },
})

/** How it is, with every check. */
export const health = request({
  verb: 'health',
  shape: strict({}),
  handle: (_input, { health: report }) => {
    const { status, checks } = report()
    return done({
      health: status,
      checks: checks.map(({ component, status, message }) => ({ component, status, message })),
    })
  },
})

/** Which devices there are, who has declared them, and who else sends. */
export const devices = request({
  verb: 'devices',
  shape: strict({}),
  handle: (_input, { outputs, fleet }) => {
    const unknown = [...fleet.unknown.sample].slice(-NEWEST_UNKNOWN).reverse()
    return done({
      devices: Array.from(outputs.devices(), ({ id, name, model, origin }) => ({
        id,
        ...(name !== undefined && { name }),
        model,
        origin,
      })),
      unknown: unknown.map(([id, frames]) => ({ id, frames })),
    })
  },
})

/** All devices' status in one topic, now. */
export const snapshot = request({
  verb: 'snapshot',
  shape: strict({}),
  handle: (_input, { outputs }) => done({ messages: outputs.refreshSnapshot() }),
})
