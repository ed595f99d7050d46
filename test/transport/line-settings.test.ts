import { describe, expect, it } from 'vitest'
import type { SerialSourceConfig } from '../../src/config/configuration.js'
import { LineError } from '../../src/transport/line-error.js'
import { lineSettings, NO_ADDRESS } from '../../src/transport/line-settings.js'
import { createLineSource } from '../../src/transport/line-source.js'
import { lineConfig } from '../support/line-config.js'
import { ManualClock } from '../support/manual-clock.js'

const settingsOf = (given: Partial<SerialSourceConfig>) =>
  lineSettings(lineConfig({ device: 'd1', ...given }), new ManualClock())
const devices = new Map([[1, 'shed-1']])

describe('the settings of a line', () => {
  it.each<readonly [Partial<SerialSourceConfig>, string]>([
    [{ path: '/dev/ttyUSB0' }, 'serial:/dev/ttyUSB0'],
    [{ path: 'tcp://10.0.0.7:4001' }, 'serial:tcp://10.0.0.7:4001'],
    [{ match: { vendor: '0403', serialNumber: 'A5' } }, 'serial:usb:0403:*:A5'],
  ])('%o is known as %s', (given, id) => {
    const ports = { clock: new ManualClock(), random: () => 0 }
    expect(createLineSource(lineConfig({ device: 'd1', ...given }), ports).id).toBe(id)
  })

  it('has its one device where there are no addresses', () => {
    const given = settingsOf({ path: '/dev/ttyUSB0' })
    expect([...given.devices]).toEqual([[NO_ADDRESS, 'd1']])
    expect([
      ...lineSettings(lineConfig({ path: '/dev/x', address: 'byte', devices }), new ManualClock())
        .devices,
    ]).toEqual([...devices])
  })

  it('waits longer for the rest of a frame where the network may be slow', () => {
    expect(settingsOf({ path: '/dev/ttyUSB0' }).idleGapMs).toBe(50)
    expect(settingsOf({ path: '/dev/ttyUSB0', baudRate: 1200 }).idleGapMs).toBe(200)
    expect(settingsOf({ path: 'tcp://10.0.0.7:4001' }).idleGapMs).toBe(1000)
    expect(settingsOf({ path: 'tcp://10.0.0.7:4001', baudRate: 50 }).idleGapMs).toBe(4800)
  })

  it('knows how long a frame may take: twice as long where each byte is two digits', () => {
    const { longestFrameMs } = settingsOf({
      path: '/dev/ttyUSB0',
      maxFrame: 960,
      baudRate: 115_200,
    })
    expect(longestFrameMs).toBe(100)
    expect(
      settingsOf({ path: '/dev/ttyUSB0', maxFrame: 960, baudRate: 9600, framing: 'hex' })
        .longestFrameMs,
    ).toBe(2400)
  })

  it('tries a port twice within 2 s, and a server every 5 s at least', () => {
    expect(2 * settingsOf({ path: '/dev/ttyUSB0' }).reopen.maxMs).toBeLessThan(2000)
    expect(settingsOf({ path: 'tcp://10.0.0.7:4001' }).reopen.maxMs).toBe(5000)
  })

  it.each<readonly [string, Partial<SerialSourceConfig>, string]>([
    ['neither a path nor a match', {}, 'ERR_LINE_ADDRESS'],
    ['an address that is none', { path: 'tcp://10.0.0.7' }, 'ERR_LINE_ADDRESS'],
    ['addresses, but one device', { path: '/dev/x', address: 'byte' }, 'ERR_LINE_DEVICES'],
    ['a device beside devices', { path: '/dev/x', address: 'byte', devices }, 'ERR_LINE_DEVICES'],
    ['devices, but no addresses', { path: '/dev/x', devices }, 'ERR_LINE_DEVICES'],
  ])('refuses %s', (_, given, code) => {
    expect(() => settingsOf(given)).toThrow(LineError)
    expect(() => settingsOf(given)).toThrow(expect.objectContaining({ code }))
  })

  it('refuses a line without any device', () => {
    const given = lineConfig({ path: '/dev/x' })
    expect(() => lineSettings(given, new ManualClock())).toThrow("needs one 'device'")
  })
})
