import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { temporaryDirectory } from '../support/temporary-directory.js'
import { Program } from './program.js'
import { brokerOf, fixedTerminal, observe } from './running-bridge.js'
import { onLine } from './sensor-node.js'

describe('from a node that nobody has described to its readings', () => {
  it('takes two commands: init and run', async () => {
    const terminal = fixedTerminal()
    const node = onLine('garden', terminal)
    node.run()
    const file = join(temporaryDirectory('alec-init-'), 'alec-bridge.yaml')

    const init = Program.start(['init', '--port', terminal.path, '--write', file])
    expect(await init.ended(60_000), init.stderr.text).toBe(0)
    expect(init.stdout.text).toBe('')
    expect(init.stderr.text).toContain('cannot be told: what each channel measures')
    const proposal = parse(readFileSync(file, 'utf8'))
    expect(proposal.models['node-1']).toMatchObject({
      frames: 'compact',
      profile: 'alec-1.3',
      scale: 100,
      channels: [{ resolution: 0.1 }, { resolution: 1 }],
    })
    expect(proposal.sources[0].serial).toMatchObject({ framing: 'cobs', crc: 'crc32' })

    const check = Program.start(['check', '-c', file])
    expect(await check.ended(), check.stderr.text).toBe(0)
    expect(check.stderr.text).not.toContain('warning')

    const bridge = Program.start(['run', '-c', file, '--broker-port', '0', '--for', '1min'])
    const observer = await observe(await brokerOf(bridge), 'alec/node-1/readings')
    const good = () =>
      observer.seen.map(({ payload }) => JSON.parse(payload)).filter((r) => r.quality === 'good')
    await observer.until(() => good().length >= 3)
    for (const { seq, channel_1, channel_2 } of good())
      expect([channel_1, channel_2], `sequence ${seq}`).toEqual(node.measured.get(seq))
  })
})
