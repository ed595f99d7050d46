import { expect, it } from 'vitest'
import { startCore } from '../../src/transport/broker-core.js'
import { defaultSessionLimits, SessionQueues } from '../../src/transport/session-queues.js'
import { ManualClock } from '../support/manual-clock.js'

it('F-40: the broker inside gives a stranger five seconds, a reader two, and a silence three minutes', async () => {
  const core = await startCore(
    new ManualClock(),
    {},
    new SessionQueues(defaultSessionLimits, () => {}),
  )
  expect(core).toMatchObject({
    opts: {
      connectTimeout: 5000,
      drainTimeout: 2000,
      // A client is gone after one and a half times what it may promise.
      keepaliveLimit: 120,
      queueLimit: 16,
      maxInflightInbound: 20,
    },
  })
  await new Promise<void>((resolve) => core.close(resolve))
})

it('F-40: a session that is kept holds a thousand messages, the newest of them', async () => {
  let dropped = 0
  const queues = new SessionQueues(defaultSessionLimits, () => dropped++)
  for (let n = 0; n < 1003; n++)
    await queues.outgoingEnqueue({ clientId: 'kept' }, { cmd: 'publish', payload: String(n) })
  const kept: unknown[] = []
  for await (const { payload } of queues.outgoingStream({ id: 'kept' })) kept.push(payload)
  expect([dropped, kept.length, kept[0], kept.at(-1)]).toEqual([3, 1000, '3', '1002'])
})
