import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type UartSettings, UartWire, uart8n1 } from '../../firmware-sim/index.js'

const everyByte = Uint8Array.from({ length: 256 }, (_, i) => i)
const with7e1: UartSettings = { baudRate: 9600, dataBits: 7, parity: 'even', stopBits: 1 }

/** What a receiver gets of bytes that are sent with a rest of `pauseMs` before each. */
function received(
  bytes: Uint8Array,
  sender: UartSettings,
  receiver: UartSettings,
  pauseMs = 0,
): { bytes: number[]; wire: UartWire } {
  const wire = new UartWire(sender, receiver)
  const out = [...bytes].flatMap((byte) => [
    ...wire.rest(pauseMs),
    ...wire.send(Uint8Array.of(byte)),
  ])
  return { bytes: [...out, ...wire.rest(10)], wire }
}

describe('a wire between two UARTs', () => {
  it('passes every byte where both have the same settings', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 60 }),
        fc.record({
          baudRate: fc.constantFrom(300, 9600, 115_200, 921_600),
          dataBits: fc.constant(8 as const),
          parity: fc.constantFrom('none' as const, 'even' as const, 'odd' as const),
          stopBits: fc.constantFrom(1 as const, 2 as const),
        }),
        fc.constantFrom(0, 0.013, 5),
        (bytes, settings, pauseMs) => {
          const { bytes: got, wire } = received(bytes, settings, settings, pauseMs)
          expect(got).toEqual([...bytes])
          expect(wire.counters).toMatchObject({ framingErrors: 0, parityErrors: 0 })
        },
      ),
    )
  })

  it('drops the highest bit where there are seven', () => {
    expect(received(everyByte, with7e1, with7e1).bytes).toEqual([...everyByte].map((b) => b & 0x7f))
  })

  // The middle of the last bit is 9.5 bits from the edge: it is missed from half a bit on, which is 5 %.
  it.each([
    [109_700, 'all'],
    [117_000, 'all'],
    [120_500, 'all'],
    [108_000, 'not all'],
    [123_000, 'not all'],
  ])('receives at %i baud %s of what is sent at 115 200', (baudRate, share) => {
    const { bytes } = received(everyByte, uart8n1(115_200), uart8n1(baudRate))
    if (share === 'all') expect(bytes).toEqual([...everyByte])
    else expect(bytes).not.toEqual([...everyByte])
  })

  it('stretches what is sent slowly and swallows what is sent fast', () => {
    const wire = new UartWire(uart8n1(9600), uart8n1(115_200))
    // Every bit of the sender is twelve of the receiver's: one byte is many, or a long low.
    expect([...wire.send(Uint8Array.of(0x55)), ...wire.rest(1)]).toEqual([])
    expect(wire.counters.framingErrors).toBe(5)
    const fast = received(everyByte, uart8n1(115_200), uart8n1(9600))
    expect(fast.bytes.length).toBeLessThan(256 / 10)
    expect(fast.bytes.length).toBeGreaterThan(0)
  })

  it('finds a wrong parity, and takes the parity bit for a stop bit where it expects none', () => {
    const even: UartSettings = { ...uart8n1(9600), parity: 'even' }
    const odd = received(everyByte, even, { ...even, parity: 'odd' })
    expect(odd.bytes).toEqual([])
    expect(odd.wire.counters.parityErrors).toBe(256)
    const none = received(everyByte, even, uart8n1(9600), 5)
    const withOddOnes = [...everyByte].filter(
      (byte) => byte.toString(2).split('1').length % 2 === 0,
    )
    expect(none.bytes).toEqual(withOddOnes)
    expect(none.wire.counters.framingErrors).toBe(128)
  })

  it('makes nothing of a line that is held low', () => {
    const wire = new UartWire(uart8n1(9600), uart8n1(9600))
    expect([...wire.rest(1000, 0)]).toEqual([])
    expect(wire.counters).toMatchObject({ received: 0, framingErrors: 1 })
    expect([...wire.rest(5), ...wire.send(Uint8Array.of(0xa2)), ...wire.rest(5)]).toEqual([0xa2])
  })

  it('does the same however the sending is cut', () => {
    const sender = uart8n1(115_200)
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 80 })
    fc.assert(
      fc.property(bytes, fc.constantFrom(9600, 57_600, 100_000, 250_000), (sent, baudRate) => {
        const [whole, cut] = [0, 1].map(() => new UartWire(sender, uart8n1(baudRate)))
        const once = [...whole!.send(sent), ...whole!.rest(9)]
        const each = [...sent].flatMap((byte) => [...cut!.send(Uint8Array.of(byte))])
        expect([...each, ...cut!.rest(9)]).toEqual(once)
        expect(cut!.counters).toEqual(whole!.counters)
      }),
    )
  })
})
