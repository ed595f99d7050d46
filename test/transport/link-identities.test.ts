import { expect, it } from 'vitest'
import type { BrokerIdentity } from '../../src/transport/broker-client.js'
import { connectBroker } from '../../src/transport/broker-links.js'
import { ManualClock } from '../support/manual-clock.js'
import { ScriptedDoor } from './scripted-door.js'

it('F-24, F-38: the broker keeps what comes for our input, and nothing of what our output has sent', () => {
  const identities: BrokerIdentity[] = []
  const will = { topic: 'state', payload: 'offline', qos: 1, retain: true } as const
  connectBroker({
    config: { kind: 'external', urls: ['mqtt://b'], protocol: 'auto' },
    bridgeId: 'gw-1',
    will,
    clock: new ManualClock(),
    random: () => 0.5,
    door: (_access, identity) => {
      identities.push(identity)
      return new ScriptedDoor()
    },
  })
  expect(identities).toEqual([
    { clientId: 'alec-gw-1-in', clean: false },
    { clientId: 'alec-gw-1-out', clean: true, will },
  ])
})
