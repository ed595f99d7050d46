import { describe, expect, it, vi } from 'vitest'
import { promtoolComplaints, Scrape } from '../support/prometheus-text.js'
import { brokerOf, fixedTerminal, observe, runBridge } from './running-bridge.js'
import { onBroker, onLine, readingsOf } from './sensor-node.js'

const PREFIX = 'alec_bridge_'

describe('alec-bridge run, read by Prometheus', () => {
  it('counts what came by a line and by its broker, through its journal, and all of it adds up', async () => {
    const terminal = fixedTerminal()
    const bridge = runBridge({
      lines: { cellar: terminal.path },
      overMqtt: ['shed'],
      sections: { http: { port: 0 } },
    })
    const url = await brokerOf(bridge)
    const observer = await observe(url, 'alec/+/readings')
    const cellar = onLine('cellar', terminal)
    const shed = await onBroker('shed', observer.client)
    for (let n = 0; n < 20; n++) {
      cellar.send()
      shed.send()
    }
    await observer.publish('alec/stranger/frame', Buffer.from('a1', 'hex'))
    await observer.publish('alec/shed/frame', Buffer.from('a1', 'hex'))
    await observer.until(() =>
      [cellar, shed].every(({ id }) => readingsOf(observer, id).length === 20),
    )
    const window = await bridge.stdout.until('the window', ({ documents }) => {
      const found = documents.find(({ msg }) => msg === 'bridge started')?.dashboard
      return typeof found === 'string' ? found : undefined
    })
    const found = new Scrape(await (await fetch(`${window}/metrics`)).text())
    expect(promtoolComplaints(found.text)).toEqual([])
    const sum = (name: string, labels = {}) => found.sum(`${PREFIX}${name}`, labels)
    expect(sum('source_frames_total')).toBe(42)
    expect(sum('frames_received_total')).toBe(41)
    expect(sum('unknown_frames_total')).toBe(1)
    expect(sum('frames_total', { verdict: 'decoded' })).toBe(40)
    expect(sum('frames_total', { verdict: 'rejected' })).toBe(1)
    expect(sum('readings_total')).toBe(80)
    expect(sum('journal_written_entries_total')).toBe(41)
    expect(sum('source_received_bytes_total')).toBe(
      sum('source_frame_bytes_total') + sum('source_discarded_bytes_total'),
    )
    expect(sum('publications_submitted_total')).toBe(
      sum('publications_acknowledged_total') +
        sum('publications_dropped_total') +
        sum('publications_superseded_total') +
        sum('publications_given_back_total') +
        sum('publications_queued') +
        sum('publications_in_flight'),
    )
    expect(sum('embedded_broker_connections')).toBe(1)
    expect((await fetch(`${window}/livez`)).status).toBe(200)
    // Ready is what it has seen of itself, and it looks every five seconds.
    await vi.waitFor(
      async () => {
        const answer = await fetch(`${window}/readyz`)
        expect(answer.status).toBe(200)
      },
      { timeout: 15_000, interval: 200 },
    )
  }, 30_000)
})
