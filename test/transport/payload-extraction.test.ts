import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PayloadConfig } from '../../src/config/configuration.js'
import {
  MAX_DOCUMENT,
  MAX_PAYLOAD_FRAME,
  payloadExtraction,
} from '../../src/transport/payload-extraction.js'

const utf8 = (text: string) => new TextEncoder().encode(text)
const bytes = (...list: number[]) => Uint8Array.from(list)

describe('a frame in a payload', () => {
  it.each<[string, PayloadConfig, Uint8Array, Uint8Array]>([
    ['is the payload itself', { encoding: 'binary' }, bytes(1, 2, 3), bytes(1, 2, 3)],
    ['is hex', { encoding: 'hex' }, utf8('a0FF01'), bytes(0xa0, 0xff, 1)],
    ['is hex with a line end', { encoding: 'hex' }, utf8(' 0102\r\n'), bytes(1, 2)],
    ['is Base64', { encoding: 'base64' }, utf8('+/8='), bytes(0xfb, 0xff)],
    ['is Base64 for URLs, unpadded', { encoding: 'base64' }, utf8('-_8'), bytes(0xfb, 0xff)],
    ['is a field', { json: 'data', encoding: 'base64' }, utf8('{"data":"AQI="}'), bytes(1, 2)],
    [
      'is a field further in',
      { json: 'uplink_message.frm_payload', encoding: 'base64' },
      utf8('{"uplink_message":{"frm_payload":"AQI="}}'),
      bytes(1, 2),
    ],
    [
      'is a field of a list',
      { json: 'items.1.hex', encoding: 'hex' },
      utf8('{"items":[{},{"hex":"0a"}]}'),
      bytes(10),
    ],
    [
      'is a list of bytes',
      { json: 'bytes', encoding: 'binary' },
      utf8('{"bytes":[0,127,255]}'),
      bytes(0, 127, 255),
    ],
  ])('%s', (_, config, payload, frame) => {
    expect(payloadExtraction(config)(payload)).toEqual({ ok: true, bytes: frame })
  })
})

describe('a payload without a frame', () => {
  it.each<[string, PayloadConfig, Uint8Array]>([
    ['empty', { encoding: 'binary' }, bytes()],
    ['empty', { encoding: 'hex' }, utf8('  ')],
    ['empty', { json: 'd', encoding: 'base64' }, utf8('{"d":""}')],
    ['too-large', { encoding: 'binary' }, new Uint8Array(MAX_PAYLOAD_FRAME + 1)],
    ['too-large', { encoding: 'hex' }, new Uint8Array(2 * MAX_PAYLOAD_FRAME + 1).fill(0x30)],
    ['too-large', { encoding: 'base64' }, utf8('A'.repeat(5465))],
    ['too-large', { json: 'd', encoding: 'hex' }, new Uint8Array(MAX_DOCUMENT + 1).fill(0x20)],
    ['too-large', { json: 'd', encoding: 'hex' }, utf8(`{"d":"${'00'.repeat(4097)}"}`)],
    ['bad-hex', { encoding: 'hex' }, utf8('abc')],
    ['bad-hex', { encoding: 'hex' }, utf8('0x01')],
    ['bad-base64', { encoding: 'base64' }, utf8('AQ I=')],
    ['bad-base64', { encoding: 'base64' }, utf8('AQIDB')],
    ['bad-base64', { encoding: 'base64' }, utf8('AQ=I')],
    ['bad-bytes', { json: 'd', encoding: 'binary' }, utf8('{"d":[1,256]}')],
    ['bad-bytes', { json: 'd', encoding: 'binary' }, utf8('{"d":[1.5]}')],
    ['bad-json', { json: 'd', encoding: 'hex' }, utf8('{"d":')],
    ['bad-json', { json: 'd', encoding: 'hex' }, bytes(0x22, 0xff, 0x22)],
    ['no-field', { json: 'd', encoding: 'hex' }, utf8('{"e":"00"}')],
    ['no-field', { json: 'd.e', encoding: 'hex' }, utf8('{"d":null}')],
    ['no-field', { json: 'd', encoding: 'hex' }, utf8('{"d":7}')],
    ['no-field', { json: 'd', encoding: 'binary' }, utf8('{"d":"00"}')],
    ['no-field', { json: '__proto__.x', encoding: 'hex' }, utf8('{}')],
    ['no-field', { json: 'constructor.name', encoding: 'hex' }, utf8('{}')],
  ])('%s: %j', (reason, config, payload) => {
    expect(payloadExtraction(config)(payload)).toEqual({ ok: false, reason })
  })
})

const encodings = ['binary', 'hex', 'base64'] as const

describe('every payload', () => {
  it('gives its frame back in each form, and the frame owns its bytes', () => {
    const frame = fc.uint8Array({ minLength: 1, maxLength: 64 })
    fc.assert(
      fc.property(
        frame,
        fc.constantFrom(...encodings),
        fc.boolean(),
        (original, encoding, inJson) => {
          const text = encoding === 'binary' ? '' : Buffer.from(original).toString(encoding)
          const field = encoding === 'binary' ? [...original] : text
          const bare = encoding === 'binary' ? Uint8Array.from(original) : utf8(text)
          const payload = inJson ? utf8(JSON.stringify({ a: { b: field } })) : bare
          const extract = payloadExtraction(inJson ? { json: 'a.b', encoding } : { encoding })
          const extraction = extract(payload)
          payload.fill(0)
          expect(extraction).toEqual({ ok: true, bytes: original })
        },
      ),
    )
  })

  it('is a frame or a reason, never an exception', () => {
    const json = fc.constantFrom(undefined, 'a', 'a.b', '')
    fc.assert(
      fc.property(
        fc.oneof(fc.uint8Array(), fc.json().map(utf8)),
        fc.constantFrom(...encodings),
        json,
        (payload, encoding, path) => {
          const config = path === undefined ? { encoding } : { encoding, json: path }
          const extraction = payloadExtraction(config)(payload)
          expect(extraction.ok ? extraction.bytes.length > 0 : extraction.reason.length > 0).toBe(
            true,
          )
        },
      ),
      { numRuns: 500 },
    )
  })
})
