import { describe, expect, it } from 'vitest'
import type { PluggableTerminal } from '../support/pseudo-terminal.js'
import type { Observer } from '../transport/observer.js'
import {
  brokerOf,
  doorState,
  fixedTerminal,
  latest,
  observe,
  pluggedTerminal,
  runBridge,
} from './running-bridge.js'
import { goodOnes, onLine, readingsOf, type SensorNode } from './sensor-node.js'

/** A bridge with two ports, of which one can be unplugged; both nodes send all the time. */
async function startSite() {
  const terminal = await pluggedTerminal()
  const steadyTerminal = fixedTerminal()
  const roof = onLine('roof', terminal)
  const cellar = onLine('cellar', steadyTerminal)
  const bridge = runBridge({ lines: { roof: terminal.path, cellar: steadyTerminal.path } })
  const observer = await observe(await brokerOf(bridge), 'alec/#')
  await doorState(bridge, `serial:${terminal.path}`, 'open')
  await doorState(bridge, `serial:${steadyTerminal.path}`, 'open')
  roof.run()
  cellar.run()
  await more(observer, roof)
  await more(observer, cellar)
  return { terminal, roof, cellar, bridge, observer, port: `port:serial:${terminal.path}` }
}

/** Resolves once `count` more readings of the node have come. */
async function more(observer: Observer, { id }: SensorNode, count = 1): Promise<void> {
  const before = readingsOf(observer, id).length
  await observer.until(() => readingsOf(observer, id).length >= before + count)
}

/** Unplugs the terminal while `meanwhile` happens; how long after its return `returned` did, in milliseconds. */
async function unplugDuring(
  terminal: PluggableTerminal,
  meanwhile: () => Promise<unknown>,
  returned: () => Promise<unknown>,
): Promise<number> {
  await terminal.unplug()
  await meanwhile()
  await terminal.plug()
  const back = performance.now()
  await returned()
  return performance.now() - back
}

describe('alec-bridge run, when a port is unplugged', () => {
  it('F-06, F-07: reads on within 2 s of its return, loses nothing on the other port, and stays', async () => {
    const { terminal, roof, cellar, bridge, observer } = await startSite()
    for (const framesMeanwhile of [2, 45]) {
      const ms = await unplugDuring(
        terminal,
        () => more(observer, cellar, framesMeanwhile),
        () => more(observer, roof),
      )
      expect(ms, `after an outage of ${framesMeanwhile} frames`).toBeLessThan(2000)
    }
    await more(observer, cellar, 2)
    const seqs = readingsOf(observer, 'cellar').map(({ seq }) => seq)
    expect(seqs.length).toBeGreaterThan(45)
    expect(seqs).toEqual(seqs.map((_, n) => n))
    expect(goodOnes(cellar, readingsOf(observer, 'cellar'))).toHaveLength(seqs.length)
    expect(bridge.isRunning).toBe(true)
    // Only where its broker is: nothing unexpected happened.
    expect(bridge.stderr.lines).toHaveLength(1)
  })

  it('asks the node that came back for a keyframe, and its readings are good again', async () => {
    const { terminal, roof, cellar, observer } = await startSite()
    await unplugDuring(
      terminal,
      () => more(observer, cellar, 5),
      () => more(observer, roof),
    )
    const before = readingsOf(observer, 'roof').length - 1
    await observer.until(
      () => goodOnes(roof, readingsOf(observer, 'roof').slice(before)).length > 9,
    )
    expect(roof.downlinks).toContain('ff')
    const events = observer.seen
      .filter(({ topic }) => topic === 'alec/roof/event')
      .map(({ payload }) => JSON.parse(payload).type)
    expect(events).toContain('resync_requested')
  })

  it('F-06: says within a second which port is gone, and that it is back', async () => {
    const { terminal, observer, port } = await startSite()
    const check = () => JSON.parse(latest(observer, 'alec/bridge/status')).checks[port]
    await observer.until(() => check().status === 'healthy')
    await terminal.unplug()
    const gone = performance.now()
    await observer.until(() => check().status === 'unhealthy')
    expect(performance.now() - gone).toBeLessThan(1000)
    await terminal.plug()
    await observer.until(() => check().status === 'healthy')
  })
})
