import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { CompactEncoder } from '../../src/alec/index.js'
import type { MqttSourceConfig } from '../../src/config/index.js'
import { presets } from '../../src/config/mappings.js'
import { downlinkWording } from '../../src/transport/downlink-wording.js'
import { payloadExtraction } from '../../src/transport/payload-extraction.js'
import { parseTopicTemplate } from '../../src/transport/topic-template.js'
import { load, loaded } from '../config/loading.js'
import { toHex } from '../support/vectors.js'

/** A published message, the bytes in it, the topic it comes on, and what the server wants for a keyframe request. */
const published = [
  {
    preset: 'chirpstack-v4',
    keys: 'application: 17c82e96-be03-4f38-aef3-f83d48582d97',
    file: 'chirpstack-v4.json',
    holds: 'qg==',
    encoding: 'base64',
    bytes: 'aa',
    topic: 'application/17c82e96-be03-4f38-aef3-f83d48582d97/device/0101010101010101/event/up',
    device: '0101010101010101',
    downlink: {
      topic:
        'application/17c82e96-be03-4f38-aef3-f83d48582d97/device/0101010101010101/command/down',
      payload: '{"devEui":"0101010101010101","confirmed":false,"fPort":10,"data":"/w=="}',
    },
  },
  {
    preset: 'the-things-stack-v3',
    keys: 'application: app1, tenant: tenant1, f_port: 15',
    file: 'the-things-stack-v3.json',
    holds: 'gkHe',
    encoding: 'base64',
    bytes: '8241de',
    topic: 'v3/app1@tenant1/devices/dev1/up',
    device: 'dev1',
    downlink: {
      topic: 'v3/app1@tenant1/devices/dev1/down/push',
      payload: '{"downlinks":[{"f_port":15,"frm_payload":"/w==","priority":"NORMAL"}]}',
    },
  },
  {
    preset: 'tasmota-serial-bridge',
    keys: '',
    file: 'tasmota-serial-bridge.json',
    holds: 'A5010203',
    encoding: 'hex',
    bytes: 'a5010203',
    topic: 'tele/bridge-1/RESULT',
    device: 'bridge-1',
    downlink: { topic: 'cmnd/bridge-1/SSerialSend5', payload: 'ff' },
  },
  {
    preset: 'esphome-uart',
    keys: 'component: alec_frame',
    file: 'esphome-uart.txt',
    holds: 'A1000000000F41AB33334240',
    encoding: 'hex',
    bytes: 'a1000000000f41ab33334240',
    topic: 'greenhouse/sensor/alec_frame/state',
    device: 'greenhouse',
    downlink: { topic: 'greenhouse/text/alec_frame/command', payload: 'ff' },
  },
] as const

function sourceOf(preset: string, keys: string): MqttSourceConfig {
  const text = `version: 1
sources: [{ mqtt: { preset: ${preset}${keys === '' ? '' : `, ${keys}`} } }]
models: { m: { frames: compact, channels: [{ name: t }] } }
devices: { d1: { model: m } }
resync: { per_day: 4 }
`
  return loaded(load(text)).sources[0] as MqttSourceConfig
}

const message = (file: string): string =>
  readFileSync(new URL(`../vectors/uplinks/${file}`, import.meta.url), 'utf8')

describe('the presets of MQTT sources', () => {
  it('have a published message each, or are plain text', () => {
    const shown = published.map(({ preset }) => preset)
    expect([...shown, 'hex', 'base64'].sort()).toEqual(Object.keys(presets).sort())
  })

  describe.each(published)('$preset', ({ preset, keys, file, bytes, holds, ...rest }) => {
    const source = sourceOf(preset, keys)

    it('takes the bytes out of a published message, and the device out of its topic', () => {
      const extracted = payloadExtraction(source.payload)(Buffer.from(message(file)))
      expect(extracted.ok && toHex(extracted.bytes)).toBe(bytes)
      expect(parseTopicTemplate(source.topic).deviceIn(rest.topic)).toBe(rest.device)
    })

    it('takes an ALEC frame out of the same message', () => {
      const frame = new CompactEncoder({ channels: 2 }).encode([21.4, 48])
      const text = message(file).replace(holds, Buffer.from(frame).toString(rest.encoding))
      const extracted = payloadExtraction(source.payload)(Buffer.from(text))
      expect(extracted.ok && toHex(extracted.bytes)).toBe(toHex(frame))
    })

    it('words a keyframe request as the other side expects it', () => {
      const sent = downlinkWording(source.downlink, 'alec')(rest.device, Uint8Array.of(0xff))
      expect({ topic: sent.topic, payload: String(sent.payload) }).toEqual(rest.downlink)
    })
  })

  it.each(['hex', 'base64'] as const)('%s: the frame as text, both ways', (encoding) => {
    const source = sourceOf(encoding, '')
    const extracted = payloadExtraction(source.payload)(
      Buffer.from(Buffer.from('a10001', 'hex').toString(encoding)),
    )
    expect(extracted.ok && toHex(extracted.bytes)).toBe('a10001')
    const sent = downlinkWording(source.downlink, 'alec')('d1', Uint8Array.of(0xff))
    expect(sent.topic).toBe('alec/d1/command')
    expect(Buffer.from(String(sent.payload), encoding)).toEqual(Buffer.of(0xff))
  })
})
