import { describe, expect, it } from 'vitest'
import { inWords } from '../../src/outputs/discovery/component.js'
import { bridgeConfig, deviceConfig } from '../../src/outputs/discovery/device-config.js'
import { classedQuantities, sensorClass } from '../../src/outputs/discovery/sensor-classes.js'
import { configFilter } from '../../src/outputs/discovery/site.js'
import { SITE } from '../control/discovery-rig.js'
import { SENSOR_CLASSES } from '../outputs/home-assistant-rules.js'
import { codes, Page } from '../support/page.js'

const page = new Page('docs/home-assistant.md')
const ALL_UNITS = [...new Set(Object.values(SENSOR_CLASSES).flatMap(({ units }) => units))]

describe('docs/home-assistant.md', () => {
  it('has every quantity in its table, with its class and all its units', () => {
    const documented = page
      .table('quantity | class | units')
      .map(([quantity = '', deviceClass, units = '']) => [
        codes(quantity)[0],
        deviceClass,
        [...codes(units), ...(units.includes('none') ? [''] : [])].sort(),
      ])
    const known = classedQuantities.map((quantity) => {
      const units = ALL_UNITS.filter(
        (unit) => sensorClass(quantity, unit).deviceClass !== undefined,
      )
      return [
        quantity,
        sensorClass(quantity, units[0]).deviceClass,
        // Two letters that look the same are one unit to a reader.
        [...new Set(units.map((unit) => unit.replace('μ', 'µ')))].sort(),
      ]
    })
    expect(documented).toEqual(known)
  })

  it('has every entity of a device, with its states', () => {
    const device = { id: 'd', model: 'm', frames: 'compact', channels: [] } as const
    const { components } = deviceConfig(SITE, {
      ...device,
      expireAfter: 60,
      seen: true,
      peers: true,
    })
    const rows = page.table('of a device | entity | state')
    for (const { name, options = [], platform } of Object.values(components)) {
      const row = rows.find(([what = '']) => inWords(what) === name)
      expect(row?.[1], name).toBe(platform)
      if (options.length > 0)
        expect(codes(row?.[2] ?? '').slice(0, options.length)).toEqual(options)
    }
    expect(rows).toHaveLength(Object.keys(components).length + 1)
  })

  it('says what the bridge shows of itself', () => {
    const names = Object.values(bridgeConfig(SITE).components).map(({ name }) => name)
    expect(names).toEqual(['State', 'Health', 'Degradation'])
    expect(page.text).toContain('with its state, its health and its degradation')
  })

  it('gives the bridge and Home Assistant the rights that they need', () => {
    const filter = configFilter('homeassistant')
    const rows = page.table('who | may publish | may subscribe')
    expect(rows.map(([who, ...rights]) => [who, ...rights.map(codes)])).toEqual([
      ['the bridge', [filter], [filter, 'homeassistant/status']],
      ['Home Assistant', ['homeassistant/status'], ['homeassistant/#', 'alec/#']],
    ])
    expect(page.block('sh', 'mosquitto_sub')).toContain(`'${filter}'`)
  })
})
