import { describe, expect, it } from 'vitest'
import { downlinkWording } from '../../src/transport/downlink-wording.js'

const keyframe = Uint8Array.of(0xff, 0x00)

describe('the wording of a downlink', () => {
  it('is bare bytes on the command topic by default', () => {
    expect(downlinkWording(undefined, 'alec')('node-1', keyframe)).toEqual({
      topic: 'alec/node-1/command',
      payload: Buffer.from(keyframe),
      qos: 1,
      retain: false,
    })
  })

  it.each([
    ['binary', Buffer.from(keyframe)],
    ['hex', 'ff00'],
    ['base64', '/wA='],
  ] as const)('can be bare %s on another topic', (encoding, payload) => {
    const word = downlinkWording({ topic: 'down/{device}', encoding }, 'alec')
    expect(word('x', keyframe)).toMatchObject({ topic: 'down/x', payload })
  })

  it('fills a JSON document in, strings only', () => {
    const json = {
      fPort: 10,
      confirmed: false,
      data: '{base64}',
      nested: [{ raw: 'hex:{hex}' }, null],
      devEui: '{device}',
      '{device}': 1,
    }
    const word = downlinkWording({ topic: 'app/{device}/down', encoding: 'base64', json }, 'alec')
    const { topic, payload } = word('0011', keyframe)
    expect(topic).toBe('app/0011/down')
    expect(JSON.parse(String(payload))).toEqual({
      fPort: 10,
      confirmed: false,
      data: '/wA=',
      nested: [{ raw: 'hex:ff00' }, null],
      devEui: '0011',
      '{device}': 1,
    })
  })

  it.each(['{hex}', '$&', "$'", '"'])('an id like %j stays what it is', (id) => {
    const json = { to: '{device}!' }
    const word = downlinkWording({ topic: 'd/{device}', encoding: 'hex', json }, 'alec')
    expect(JSON.parse(String(word(id, keyframe).payload))).toEqual({ to: `${id}!` })
    expect(word(id, keyframe).topic).toBe(`d/${id}`)
  })

  it('a topic with a wildcard is refused at once', () => {
    expect(() => downlinkWording({ topic: 'd/+/{device}', encoding: 'hex' }, 'alec')).toThrow(
      expect.objectContaining({ code: 'ERR_DOWNLINK_TOPIC' }),
    )
  })
})
