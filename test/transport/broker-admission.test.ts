import { describe, expect, it } from 'vitest'
import { connectFault } from '../../src/transport/broker-admission.js'

const will = (topic: string) => ({ clientId: 'a', will: { topic } })

describe('a CONNECT to the embedded broker', () => {
  it.each([
    { clientId: '' },
    { clientId: 'mosqsub|1234-gateway' },
    { clientId: 'mqttjs_8a1b' },
    { clientId: 'alec-gw.example.org-in' },
    will('alec/node-1/lwt'),
  ])('is let in: %j', (request) => {
    expect(connectFault(request)).toBeUndefined()
  })

  it.each([
    '__proto__',
    'constructor',
    'toString',
    'a/b',
    '+',
    '#',
    '$SYS',
    'a\0',
    'a b',
    '-x',
    'x'.repeat(129),
  ])('is refused with client id %j', (clientId) => {
    expect(connectFault({ clientId })).toEqual({ returnCode: 2, reason: 'client-id' })
  })

  it.each(['', '$SYS/x', 'a/+', 'a/#', 'a\0', 'x'.repeat(300)])(
    'is refused with a will on %j',
    (topic) => {
      expect(connectFault(will(topic))).toEqual({ returnCode: 5, reason: 'will-topic' })
    },
  )
})
