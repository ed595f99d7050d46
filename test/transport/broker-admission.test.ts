import { describe, expect, it } from 'vitest'
import { connectFault } from '../../src/transport/broker-admission.js'

const will = (topic: string) => ({ clientId: 'a', clean: true, will: { topic } })

describe('a CONNECT to the embedded broker', () => {
  it.each([
    { clientId: '', clean: true },
    { clientId: 'mosqsub|1234-gateway', clean: true },
    { clientId: 'mqttjs_8a1b', clean: true },
    { clientId: 'alec-gw.example.org-in', clean: true },
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
    expect(connectFault({ clientId, clean: true })).toEqual({ returnCode: 2, reason: 'client-id' })
  })

  it('is refused where it wants its session kept', () => {
    expect(connectFault({ clientId: 'a', clean: false })).toMatchObject({
      reason: 'persistent-session',
    })
  })

  it.each(['', '$SYS/x', 'a/+', 'a/#', 'a\0', 'x'.repeat(300)])(
    'is refused with a will on %j',
    (topic) => {
      expect(connectFault(will(topic))).toEqual({ returnCode: 5, reason: 'will-topic' })
    },
  )
})
