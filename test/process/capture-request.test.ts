import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { Program } from '../e2e/program.js'
import {
  brokerOf,
  configFile,
  doorState,
  fixedTerminal,
  siteConfig,
} from '../e2e/running-bridge.js'
import { onBroker, onLine } from '../e2e/sensor-node.js'
import { temporaryDirectory } from '../support/temporary-directory.js'
import { Asker } from './asker.js'

it('capture/start has a running bridge write what all its doors bring, until it is stopped', async () => {
  const terminal = fixedTerminal()
  const site = siteConfig({ lines: { barn: terminal.path }, overMqtt: ['shed'] })
  const file = configFile(site)
  const state = temporaryDirectory('alec-state-')
  const args = ['run', '-c', file, '--broker-port', '0', '--for', '1min', '--state-dir', state]
  const bridge = Program.start(args)
  const asker = await Asker.of(await brokerOf(bridge), onTestFinished, 'alec/+/readings')
  await doorState(bridge, `serial:${terminal.path}`, 'open')
  await doorState(bridge, 'mqtt:alec/{device}/frame', 'open')
  const barn = onLine('barn', terminal)
  const shed = await onBroker('shed', asker.observer.client)
  const readings = (count: number) =>
    asker.observer.until(
      (seen) => seen.filter(({ topic }) => topic.endsWith('/readings')).length === count,
    )

  for (const name of ['../../etc/passwd', '/tmp/x', 'a/b', ''])
    expect((await asker.ask('capture/start', { name })).error).toMatch(/^name: expected an id/)
  expect((await asker.ask('capture/start', { devices: ['bern'] })).error).toContain(
    'there is no device bern; did you mean barn?',
  )
  expect((await asker.ask('capture/stop')).error).toBe('no capture has been started')

  const { data: started } = await asker.ask('capture/start', { name: 'both', for: '30s' })
  expect(started).toMatchObject({ file: join(state, 'captures', 'both.txt'), name: 'both' })
  for (let n = 0; n < 5; n++) {
    barn.send()
    shed.send()
  }
  // Of nobody who is configured: it does not come in.
  await asker.observer.publish('alec/stranger/frame', Uint8Array.of(0xa1))
  await readings(10)
  expect((await asker.ask('info')).data.capture).toMatchObject({ name: 'both', frames: 10 })
  expect((await asker.ask('capture/stop')).data).toMatchObject({
    end: 'stopped',
    frames: 10,
    devices: 2,
    missed: 0,
  })

  const decoded = Program.start(['replay', started.file, '-c', file, '--decode'])
  expect(await decoded.ended()).toBe(0)
  expect(decoded.stdout.documents).toHaveLength(10)
  for (const { device, seq, values } of decoded.stdout.documents) {
    const { temperature, humidity } = Object(values)
    const node = device === 'barn' ? barn : shed
    expect([temperature.value, humidity.value]).toEqual(node.measured.get(Number(seq)))
  }
  const doors = readFileSync(started.file, 'utf8').match(/(?<= )(?:barn|shed) \w+(?= )/g)
  expect(new Set(doors)).toEqual(new Set(['barn crc32', 'shed mqtt']))

  // One that ends by itself tells so, and one that runs when the bridge stops is whole.
  await asker.ask('capture/start', { name: 'short', for: '1s' })
  await asker.answer('capture/stop', ({ data }) => data?.name === 'short' && data.end === 'time')
  const { data: last } = await asker.ask('capture/start', { name: 'last', devices: ['shed'] })
  barn.send()
  shed.send()
  await readings(12)
  bridge.signal('SIGTERM')
  expect(await bridge.ended()).toBe(0)
  expect(readFileSync(last.file, 'utf8')).toMatch(
    / shed mqtt .*\n# \S+ ended: stopped, 1 frames\n$/,
  )
})
