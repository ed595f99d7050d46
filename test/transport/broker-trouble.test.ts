import { ErrorWithReasonCode } from 'mqtt'
import { describe, expect, it } from 'vitest'
import { brokerTrouble, withoutSecrets } from '../../src/transport/broker-trouble.js'

const failure = (message: string, code?: string | number) =>
  Object.assign(new Error(message), code === undefined ? {} : { code })

describe('the trouble with a broker', () => {
  it.each([1, 2, 3, 4, 5, 132, 133, 134, 135, 136, 137, 138, 151, 156, 157, 159])(
    'F-25: is said in words where it refuses us with %i',
    (code) => {
      const trouble = brokerTrouble(new ErrorWithReasonCode('no', code), 'mqtt://b')
      expect(trouble.code).toBe(`connack-${code}`)
      expect(trouble.reason).toMatch(/^mqtt:\/\/b refuses us: .+ .+/)
      expect(trouble.reason).not.toContain(`code ${code}`)
    },
  )

  it.each([
    [failure('refused', 5), 'connack-5', 'mqtt://b refuses us: this user may not connect'],
    [failure('refused', 99), 'connack-99', 'mqtt://b refuses us: code 99'],
    [
      failure('connect ECONNREFUSED 127.0.0.1:1', 'ECONNREFUSED'),
      'ECONNREFUSED',
      'mqtt://b: no broker listens there: is it on, host and port right?',
    ],
    [failure('self-signed', 'SELF_SIGNED'), 'SELF_SIGNED', 'mqtt://b: self-signed'],
    [failure('connack timeout'), 'timeout', 'mqtt://b: connack timeout'],
    [failure('Invalid header'), 'protocol-error', 'mqtt://b: Invalid header'],
    ['thrown text', 'protocol-error', 'mqtt://b: thrown text'],
  ])('%s', (error, code, reason) => {
    expect(brokerTrouble(error, 'mqtt://user:s3cret@b')).toEqual({ code, reason })
  })

  it.each(['mqtt://u:p@h:1', 'mqtt://u:p/q@h:1', 'mqtt://u:p@q@h:1'])(
    'shows no secret: %s',
    (url) => {
      expect(withoutSecrets(url)).toBe('mqtt://h:1')
    },
  )
})
