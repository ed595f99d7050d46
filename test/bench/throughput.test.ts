import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import type { MeasuredDocument } from '../../bench/measurement.js'
import { assertBuilt } from '../e2e/program.js'
import { withoutMosquitto } from '../support/mosquitto.js'

const run = promisify(execFile)

/** As short as it can be: this is no place to measure anything. */
const SHORT = '--rounds 1 --seconds 0.3 --warm-up 0.3 --devices 5 --json'.split(' ')

async function throughput(...args: string[]): Promise<MeasuredDocument> {
  assertBuilt()
  const { stdout } = await run(process.execPath, ['dist/bench/throughput.js', ...SHORT, ...args])
  return JSON.parse(stdout) as MeasuredDocument
}

describe.skipIf(withoutMosquitto())('the throughput bench', () => {
  it('loses nothing on any way, and says rate, processor time and ratio', async () => {
    const { measured, failures } = await throughput('--qos', '1')
    expect(failures).toEqual([])
    expect(measured.map(({ name }) => name)).toEqual([
      'broker-alone, QoS 1: rate',
      'pass-through, QoS 1: rate',
      'pass-through, QoS 1: processor time',
      'bridge, QoS 1: rate',
      'bridge, QoS 1: processor time',
      'embedded, QoS 1: rate',
      'embedded, QoS 1: processor time',
      'bridge against pass-through, QoS 1: rate',
      'bridge against pass-through, QoS 1: processor time',
    ])
    for (const { name, median } of measured) expect(median, name).toBeGreaterThan(0)
  })

  it('ends with 1 where the bridge takes more processor time than it may', async () => {
    const ways = ['--qos', '0', '--ways', 'pass-through,bridge', '--most-cpu', '0.001']
    await expect(throughput(...ways)).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('at most 0.001 is allowed'),
    })
  })
})
