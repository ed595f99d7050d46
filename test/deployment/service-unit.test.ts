import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { Exit } from '../../src/commands/io.js'
import { withoutProgram } from '../support/without-program.js'
import { serviceFlags, UNIT, unitSettings } from './unit-file.js'

const service = unitSettings('Service')
const one = (name: string): string | undefined => service.get(name)?.[0]

describe('the systemd unit', () => {
  it.skipIf(withoutProgram('systemd-analyze', 'systemd'))(
    'is exposed to no more than 1.5 of 10, by the judgement of systemd itself',
    () => {
      const args = ['security', '--offline=yes', '--threshold=15', '--no-pager', UNIT]
      const { stdout, stderr } = spawnSync('systemd-analyze', args, { encoding: 'utf8' })
      const [, exposure] = /Overall exposure level for \S+: ([\d.]+)/.exec(stdout) ?? []
      expect(Number(exposure), stdout + stderr).toBeLessThanOrEqual(1.5)
      // What it does not know it says, and ignores.
      expect(stderr).toBe('')
    },
  )

  it('runs Node without __proto__, without code from text, and with a heap that fits its memory', () => {
    expect(serviceFlags()).toContain('--disable-proto=delete')
    expect(serviceFlags()).toContain('--disallow-code-generation-from-strings')
    const heap = Number(/--max-old-space-size=(\d+)/.exec(serviceFlags())?.[1])
    const most = Number(/^(\d+)M$/.exec(one('MemoryMax') ?? '')?.[1])
    expect(heap).toBeGreaterThanOrEqual(128)
    expect(heap).toBeLessThanOrEqual(most / 2)
  })

  it('is started again but where that cannot help', () => {
    expect(one('Restart')).toBe('always')
    const hopeless = one('RestartPreventExitStatus')?.split(' ').map(Number)
    expect(hopeless).toEqual([Exit.usage, Exit.configuration])
  })

  it('has a watchdog that anybody of the service may feed', () => {
    expect(one('Type')).toBe('notify')
    expect(one('NotifyAccess')).toBe('all')
    expect(one('WatchdogSec')).toBe('60s')
  })

  it('may use serial ports and no other devices', () => {
    expect(one('DevicePolicy')).toBe('closed')
    for (const allowed of service.get('DeviceAllow') ?? [])
      expect(allowed).toMatch(/^char-tty(USB|ACM|S|AMA) rw$/)
    expect(service.get('DeviceAllow')).toContain('char-ttyUSB rw')
    expect(service.get('DeviceAllow')).toContain('char-ttyACM rw')
  })

  it('keeps its state where it is made for it', () => {
    expect(one('DynamicUser')).toBe('yes')
    expect(one('StateDirectory')).toBe('alec-bridge')
  })
})
