import { describe, expect, it } from 'vitest'
import type { MqttSourceConfig } from '../../src/config/index.js'
import { presets } from '../../src/config/mappings.js'
import { load, loaded, problemsOf, warningsOf } from './loading.js'

const file = (mqtt: string, more = 'resync: { per_day: 4 }'): string => `version: 1
sources:
  - mqtt: ${mqtt}
models:
  m: { frames: compact, channels: [{ name: t }] }
devices:
  d1: { model: m }
${more}
`
const sourceOf = (mqtt: string): MqttSourceConfig =>
  loaded(load(file(mqtt))).sources[0] as MqttSourceConfig

describe('an MQTT source', () => {
  it('takes bare frames below the base topic where nothing else is said', () => {
    expect(sourceOf('{}')).toMatchObject({
      topic: 'alec/{device}/frame',
      payload: { encoding: 'binary' },
    })
    const [source] = loaded(load(file('{}', 'base_topic: plant/alec'))).sources
    expect(source).toMatchObject({ topic: 'plant/alec/{device}/frame' })
  })

  it('asks for the topic of a device that it names', () => {
    expect(problemsOf(load(file('{ device: d1 }'))).join()).toContain('needs topic')
  })

  it('is worded by its preset, and by its own keys before that', () => {
    const source = sourceOf(
      '{ preset: the-things-stack-v3, application: app1, f_port: 7, devices: { dev1: d1 } }',
    )
    expect(source).toMatchObject({
      topic: 'v3/app1@ttn/devices/{device}/up',
      payload: { json: 'uplink_message.frm_payload', encoding: 'base64' },
      downlink: {
        topic: 'v3/app1@ttn/devices/{device}/down/push',
        json: { downlinks: [{ f_port: 7, frm_payload: '{base64}', priority: 'NORMAL' }] },
      },
    })
    const own = sourceOf('{ preset: hex, topic: "x/{device}/y" }')
    expect(own).toMatchObject({ topic: 'x/{device}/y', payload: { encoding: 'hex' } })
  })

  it('says what its preset lacks, and what it would cost, where the preset stands', () => {
    expect(problemsOf(load(file('{ preset: chirpstack-v4 }')))).toEqual([
      'c.yaml:3:21: sources[0].mqtt.preset: needs application: the id of the application at the server',
    ])
    const costly = load(file('{ preset: chirpstack-v4, application: 1 }', ''))
    expect(warningsOf(costly).join()).toContain('resync.per_day')
    expect(problemsOf(load(file('{ preset: chirpstak-v4 }'))).join()).toContain('chirpstack-v4')
    expect(problemsOf(load(file('{ preset: hex, application: "a/b" }'))).join()).toContain(
      'one level of a topic',
    )
  })

  it.each(Object.keys(presets))('can be a configuration with %s', (name) => {
    expect(sourceOf(`{ preset: ${name}, application: app1 }`).downlink).toBeDefined()
  })
})
