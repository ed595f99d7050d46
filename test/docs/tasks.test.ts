import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { fixedTerminal, latest, observe } from '../e2e/running-bridge.js'
import { onLine } from '../e2e/sensor-node.js'
import { freePort } from '../support/free-port.js'
import { Mosquitto, withoutMosquitto } from '../support/mosquitto.js'
import { Page } from '../support/page.js'
import { Reader } from '../support/reader.js'

const START_MS = 30_000
/** What is before the payload of a message, as `mosquitto_sub -v` prints it. */
const payloadOf = (line = ''): Record<string, unknown> =>
  JSON.parse(line.slice(line.indexOf(' ') + 1))
const withoutTime = ({ ts: _ts, ...reading }: Record<string, unknown>) => reading

describe.skipIf(withoutMosquitto())('who does what a page shows', () => {
  it('comes from ChirpStack to Home Assistant', { timeout: 60_000 }, async () => {
    const page = new Page('docs/chirpstack-to-home-assistant.md')
    const broker = await Mosquitto.start()
    onTestFinished(() => broker.stop())
    const reader = new Reader(broker.port)
    const yaml = page.block('yaml', 'chirpstack-v4')
    reader.put('alec-bridge.yaml', yaml.replace('127.0.0.1:1883', `127.0.0.1:${broker.port}`))
    const observer = await observe(broker.url, 'alec/#', 'application/#')
    const running = reader.types(page.block('sh', 'alec-bridge run'))
    await observer.until(() => latest(observer, 'alec/bridge/state') === 'online', START_MS)
    expect(running.stderr.text).toMatch(/^ok: /)

    const readings = await reader.listens(page.block('sh', "'alec/field-1/readings'"))
    const sent = reader.types(page.block('sh', 'mosquitto_pub'))
    expect(await sent.ended()).toBe(0)
    expect(await readings.ended()).toBe(0)
    const shown = page.block('text', 'alec/field-1/readings').trim()
    const [heard] = Reader.heard(readings)
    expect(withoutTime(payloadOf(heard))).toEqual(withoutTime(payloadOf(shown)))

    const config = await reader.listens(page.block('sh', 'homeassistant/device'))
    expect(await config.ended()).toBe(0)
    const { device, components } = JSON.parse(Reader.heard(config)[0] ?? '')
    expect(device.name).toBe('Field 1')
    expect(components.readings_battery.device_class).toBe('voltage')
  })

  it('comes from a node on a UART to its readings', { timeout: 90_000 }, async () => {
    const page = new Page('docs/uart-node.md')
    const terminal = fixedTerminal()
    const node = onLine('node', terminal)
    node.run()
    const port = await freePort()
    const reader = new Reader(port)
    const ports = reader.types(page.block('sh', 'alec-bridge ports'))
    expect(await ports.ended(START_MS), ports.stderr.text).toBe(0)

    const described = reader.types(page.block('sh', 'alec-bridge init'), (shown) =>
      shown.replace('/dev/ttyUSB0', terminal.path),
    )
    expect(await described.ended(60_000), described.stderr.text).toBe(0)
    // What this test has instead of port 1883.
    const file = join(reader.directory, 'alec-bridge.yaml')
    const proposal = readFileSync(file, 'utf8')
    writeFileSync(
      file,
      `${proposal}\nbroker: { embedded: { port: ${port} } }\nstate_dir: ./state\n`,
    )

    const looked = reader.types(page.block('sh', 'alec-bridge doctor'))
    await looked.ended(START_MS)
    // The far end of this port is in the process of this test, which is all that doctor finds.
    const bad = looked.stdout.lines.flatMap(({ text }) => (/^(?:ok| )/.test(text) ? [] : [text]))
    expect(bad.slice(0, -1)).toEqual([expect.stringMatching(/^FAIL {2}port .* is held by node/)])
    expect(looked.stdout.text).toContain('ok    configuration:')
    const bridge = reader.types(page.block('sh', 'alec-bridge run'))
    await bridge.stdout.until('its start', ({ text }) => text.includes('bridge started'), START_MS)
    const readings = await reader.listens(page.block('sh', 'mosquitto_sub'))
    expect(await readings.ended(START_MS)).toBe(0)
    const heard = Reader.heard(readings)
    expect(heard).toHaveLength(3)
    const keys = Object.keys(payloadOf(page.block('text', 'alec/node-1/readings').trim()))
    for (const line of heard) {
      expect(line).toMatch(/^alec\/node-1\/readings /)
      const { quality, seq, ...reading } = payloadOf(line)
      if (quality !== 'good') continue
      expect(Object.keys(payloadOf(line))).toEqual(keys)
      const measured = node.measured.get(Number(seq))
      expect([reading.channel_1, reading.channel_2]).toEqual(measured)
    }
  })
})
