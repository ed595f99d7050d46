import { describe, expect, it } from 'vitest'
import { codeOf, troubleOf } from '../../src/transport/line-trouble.js'

describe('trouble on a line', () => {
  // As the serial binding words them, on glibc and on musl.
  it.each([
    ['Error: No such file or directory, cannot open /dev/ttyUSB0', 'ENOENT'],
    ['Error: Permission denied, cannot open /dev/ttyUSB0', 'EACCES'],
    ['Error Resource temporarily unavailable Cannot lock port', 'EAGAIN'],
    ['Error: Resource busy, cannot open /dev/ttyUSB0', 'EBUSY'],
    ['Error: Device or resource busy, cannot open /dev/ttyUSB0', 'EBUSY'],
    ['Error: Inappropriate ioctl for device setting custom baud rate of 115200', 'ENOTTY'],
    ['Error: Not a tty setting custom baud rate of 115200', 'ENOTTY'],
    ['Error: Input/output error, cannot get baud rate', 'EIO'],
    ['Error: I/O error, cannot get baud rate', 'EIO'],
    ['Error: No such device, cannot open /dev/ttyUSB0', 'ENODEV'],
    ['Error: No such device or address, cannot open /dev/ttyUSB0', 'ENODEV'],
    ['bad file descriptor', 'EBADF'],
    ['Invalid parity setting 3', 'EINVAL'],
    ['Error baud rate of 12345 is not supported on your platform', 'EINVAL'],
    ['something never seen', 'EUNKNOWN'],
  ])('knows what the system means by "%s"', (message, code) => {
    expect(codeOf(new Error(message))).toBe(code)
  })

  it('believes a code before it reads words', () => {
    const error = Object.assign(new Error('No such file'), { code: 'EACCES' })
    expect(codeOf(error)).toBe('EACCES')
    expect(codeOf('not even an error')).toBe('EUNKNOWN')
  })

  it.each([
    ['EACCES', 'dialout'],
    ['EPERM', 'dialout'],
    ['ENOENT', 'plug it in'],
    ['EAGAIN', 'in use'],
    ['EBUSY', 'in use'],
    ['ENOTTY', 'not a serial port'],
    ['EIO', 'unplugged'],
    ['EINVAL', 'baud rate'],
    ['ECONNREFUSED', 'serial server'],
    ['ETIMEDOUT', 'does not answer'],
    ['ENOTFOUND', 'no such host'],
  ])('says what to do about %s', (code, advice) => {
    const end = troubleOf(Object.assign(new Error('x'), { code }), '/dev/ttyUSB0')
    expect(end).toEqual({ code, reason: expect.stringContaining(advice) })
    expect(end.reason).toContain('/dev/ttyUSB0')
  })

  it('passes on what it does not know', () => {
    const end = troubleOf(new Error('flux capacitor empty'), 'tcp://a:1')
    expect(end).toEqual({ code: 'EUNKNOWN', reason: 'tcp://a:1: flux capacitor empty' })
  })
})
