import { describe, expect, it } from 'vitest'
import createHashes from 'xxhash-wasm'
import { crc32, deviceSourceId, xxh32, xxh64 } from '../../src/alec/index.js'
import { mulberry, testSeed } from '../support/mulberry.js'
import { fromHex, vectors } from '../support/vectors.js'

const utf8 = new TextEncoder()

describe('hashes', () => {
  for (const vector of vectors.hashes()) {
    it(`are those of the device library: "${vector.text}"`, () => {
      const text = utf8.encode(vector.text)
      expect(xxh64(text).toString(16).padStart(16, '0')).toBe(vector.xxh64)
      expect(deviceSourceId(vector.text)).toBe(vector.deviceSourceId)
      const frame = new Uint8Array(10 + text.length)
      frame.set(fromHex('42000000000000000000'))
      frame.set(text, 10)
      expect(xxh32(frame)).toBe(vector.frameOfDefaultHeaderPlusText)
    })
  }

  it('xxHash32 is that of another implementation at every length, up to any end', async () => {
    const { h32Raw } = await createHashes()
    const random = mulberry(testSeed)
    const bytes = Uint8Array.from({ length: 300 }, () => 256 * random())
    for (let end = 0; end <= bytes.length; end++) {
      const whole = bytes.slice(0, end)
      expect([end, xxh32(whole), xxh32(bytes, end)]).toEqual([end, h32Raw(whole), h32Raw(whole)])
    }
  })

  it('give a device without a name the source 0', () => {
    expect(deviceSourceId(undefined)).toBe(0)
  })

  it('give CRC-32 its check value, also of nothing', () => {
    expect(crc32(utf8.encode('123456789'))).toBe(0xcbf43926)
    expect(crc32(new Uint8Array(0))).toBe(0)
  })
})
