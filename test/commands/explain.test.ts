import { describe, expect, it } from 'vitest'
import { type ExplainOptions, explain } from '../../src/commands/explain.js'
import { recordedIo } from '../support/recorded-io.js'

const here = new URL('.', import.meta.url).pathname

async function run(device: string, hex: readonly string[], options: Partial<ExplainOptions> = {}) {
  const io = recordedIo(here)
  const exit = await explain(hex, { config: 'fleet.yaml', device, ...options }, io)
  return { exit, out: io.out, err: io.err }
}

/** The explanation of the last of these frames. */
async function lastOf(device: string, hex: readonly string[]): Promise<string> {
  const { out } = await run(device, hex)
  return out.split('\n\n').at(-1) ?? ''
}

/** A device that starts with 21.4 and 48, goes on with 21.5 and 49, 21.6 and 48, … a keyframe is its fifth. */
const [first, second, third, fourth, keyframe, sixth] = [
  'a1000000000f41ab333342400000',
  'a100010002050a64',
  'a100020004050a9c',
  'a10003000605f84f',
  'a2000400080f41ac000042400000',
  'a10005000a050d45',
] as const

/** As text in the source: without its first line end, and the indentation of its first line. */
function golden(text: string): string {
  const indent = /^\n( *)/.exec(text)?.[1] ?? ''
  return text
    .slice(1)
    .replaceAll(new RegExp(`^${indent}`, 'gm'), '')
    .trimEnd()
}

describe('explain', () => {
  it('takes the first frame of a device apart', async () => {
    expect(await lastOf('greenhouse-1', [first])).toBe(
      `${golden(`
        frame 1: 14 bytes
          offset  bytes        field            meaning
               0  a1           marker           compact data frame
               1  00 00        sequence         0
               3  00 00        context version  0, the low 16 bits, before this frame
               5  0f           bitmap           channel 1 raw32, 2 raw32
               6  41 ab 33 33  temperature      raw32 21.399999618530273
              10  42 40 00 00  humidity         raw32 48
          checksum    none: compact frames carry none; the line or the network vouches for them
          continuity  fresh: the first frame of a device that has just started
          readings    good, frame number 0 of epoch 1
          state       exact
          temperature: raw32
            prediction  none: the device has no number to predict
            frame says  21.39999866 … 21.40000057
            declared    21.4 (resolution 0.1, range -40 … 85, max_step 2)
            states      1
            value       21.4 ± 0, good: exact
            afterwards  average 21.4, last value 21.4, observed 1 time
          humidity: raw32
            prediction  none: the device has no number to predict
            frame says  47.99999809 … 48.00000191
            declared    48 (resolution 1, range 0 … 100)
            states      1
            value       48 ± 0, good: exact
            afterwards  average 48, last value 48, observed 1 time
      `)}\n`,
    )
  })

  it('shows how a delta leads to its value', async () => {
    expect(await lastOf('greenhouse-1', [first, second, third, fourth])).toBe(
      `${golden(`
        frame 4: 8 bytes
          offset  bytes  field            meaning
               0  a1     marker           compact data frame
               1  00 03  sequence         3
               3  00 06  context version  6, the low 16 bits, before this frame
               5  05     bitmap           channel 1 delta8, 2 delta8
               6  f8     temperature      delta8 -8
               7  4f     humidity         delta8 +79
          checksum    none: compact frames carry none; the line or the network vouches for them
          continuity  goes on from the frame before, nothing is missing
          readings    good, frame number 3 of epoch 1
          state       exact
          temperature: delta8
            prediction  21.481, by its average
            delta       -8 / 100 = -0.08, rounded by at most 0.005
            frame says  21.396 … 21.406
            declared    21.4 (resolution 0.1, range -40 … 85, max_step 2)
            states      1
            value       21.4 ± 0, good: exact
            afterwards  average 21.4567, last value 21.4
          humidity: delta8
            prediction  48.21, by its average
            delta       +79 / 100 = 0.79, rounded by at most 0.005
            frame says  48.995 … 49.005
            declared    49 (resolution 1, range 0 … 100)
            states      1
            value       49 ± 0, good: exact
            afterwards  average 48.447, last value 49
      `)}\n`,
    )
  })

  it('shows what a gap leaves in doubt, and asks for a keyframe', async () => {
    expect(await lastOf('greenhouse-1', [first, second, third, sixth])).toBe(
      `${golden(`
        frame 4: 8 bytes
          offset  bytes  field            meaning
               0  a1     marker           compact data frame
               1  00 05  sequence         5
               3  00 0a  context version  10, the low 16 bits, before this frame
               5  05     bitmap           channel 1 delta8, 2 delta8
               6  0d     temperature      delta8 +13
               7  45     humidity         delta8 +69
          checksum    none: compact frames carry none; the line or the network vouches for them
          continuity  gap: 2 frames lost since the frame before
          readings    uncertain, frame number 5 of epoch 1
          state       recovering: 2 frames lost
          wants       a keyframe: its next delta would not be good
          temperature: delta8
            prediction  19.92169 … 23.16169, by its average, unless that is NaN, a plain decoder takes 21.481
            delta       +13 / 100 = 0.13, rounded by at most 0.005
            frame says  20.04669 … 23.29669
            declared    20.1 … 23.2, 32 multiples of 0.1 (resolution 0.1, range -40 … 85, max_step 2)
            states      494
            value       21.6 ± 1.6, uncertain: the bound is beyond the tolerance 0.05: 2 frames lost
            afterwards  average 20.0055 … 23.1125, last value 20.1 … 23.2
          humidity: delta8
            prediction  23.6229 … 74.6229, by its average, unless that is NaN, a plain decoder takes 48.21
            delta       +69 / 100 = 0.69, rounded by at most 0.005
            frame says  24.3079 … 75.3179
            declared    25 … 75, 51 multiples of 1 (resolution 1, range 0 … 100)
            states      not counted
            value       49 ± 26, uncertain: the bound is beyond the tolerance 0.5: 2 frames lost
            afterwards  average 24.5135 … 74.5205, last value 25 … 75
      `)}\n`,
    )
  })

  it('says why nothing is known where it starts in the middle', async () => {
    expect(await lastOf('greenhouse-1', [fourth])).toBe(
      `${golden(`
        frame 1: 8 bytes
          offset  bytes  field            meaning
               0  a1     marker           compact data frame
               1  00 03  sequence         3
               3  00 06  context version  6, the low 16 bits, before this frame
               5  05     bitmap           channel 1 delta8, 2 delta8
               6  f8     temperature      delta8 -8
               7  4f     humidity         delta8 +79
          checksum    none: compact frames carry none; the line or the network vouches for them
          continuity  unknown (started-mid-stream): the first frame is not the first of its device
          readings    uncertain, frame number 3 of epoch 1
          state       unknown: the first frame is not the first of its device
          wants       a keyframe: its next delta would not be good
          temperature: delta8
            prediction  -40 … 85, by its average or last value, unless that is NaN, a plain decoder takes 22.5
            delta       -8 / 100 = -0.08, rounded by at most 0.005
            frame says  -40.085 … 84.925
            declared    -40 … 84.9, 1250 multiples of 0.1 (resolution 0.1, range -40 … 85, max_step 2)
            states      not counted
            value       22.4 ± 62.5, uncertain: the bound is beyond the tolerance 0.05: the first frame is not the first of its device
            afterwards  average -40 … 84.97, last value -40 … 84.9
          humidity: delta8
            prediction  0 … 100, by its average or last value, unless that is NaN, a plain decoder takes 50
            delta       +79 / 100 = 0.79, rounded by at most 0.005
            frame says  0.785 … 100.795
            declared    1 … 100, 100 multiples of 1 (resolution 1, range 0 … 100)
            states      not counted
            value       51 ± 50, uncertain: the bound is beyond the tolerance 0.5: the first frame is not the first of its device
            afterwards  average 0.3 … 100, last value 1 … 100
      `)}\n`,
    )
  })

  it('shows that a keyframe is good whatever is known', async () => {
    expect(await lastOf('greenhouse-1', [fourth, keyframe])).toBe(
      `${golden(`
        frame 2: 14 bytes
          offset  bytes        field            meaning
               0  a2           marker           compact keyframe
               1  00 04        sequence         4
               3  00 08        context version  8, the low 16 bits, before this frame
               5  0f           bitmap           channel 1 raw32, 2 raw32
               6  41 ac 00 00  temperature      raw32 21.5
              10  42 40 00 00  humidity         raw32 48
          checksum    none: compact frames carry none; the line or the network vouches for them
          continuity  goes on from the frame before, nothing is missing
          readings    good, frame number 4 of epoch 1
          state       bounded: the first frame is not the first of its device
          wants       a keyframe: its next delta would not be good
          temperature: raw32
            prediction  -40 … 84.97, by its average, unless that is NaN, a plain decoder takes 22.47
            frame says  21.49999905 … 21.50000095
            declared    21.5 (resolution 0.1, range -40 … 85, max_step 2)
            states      not counted
            value       21.5 ± 0, good: exact
            afterwards  average -21.55 … 65.929, last value 21.5
          humidity: raw32
            prediction  0.3 … 100, by its average, unless that is NaN, a plain decoder takes 50.3
            frame says  47.99999809 … 48.00000191
            declared    48 (resolution 1, range 0 … 100)
            states      not counted
            value       48 ± 0, good: exact
            afterwards  average 14.61 … 84.4, last value 48
      `)}\n`,
    )
  })

  it('takes an adaptive frame apart, and shows what it left out', async () => {
    const frames = [
      '4200006955b9000000000040020101404ccccd0201444800005d0d8b21',
      '4200016955b93c00000200400101101492e7485a',
    ]
    expect(await lastOf('yard-1', frames)).toBe(
      `${golden(`
        frame 2: 20 bytes
          offset  bytes        field            meaning
               0  42           type             protocol 1, data, P3
               1  00 01        sequence         1
               3  69 55 b9 3c  timestamp        1767225660 Unix seconds, 2026-01-01T00:01:00Z
               7  00 00 02     context version  2, the low 24 bits, before this frame
              10  00           source id        0, of no entry
              11  40           encoding         multi
              12  01           count            1 entry
              13  01           name id          1
              14  10           encoding         delta8
              15  14           wind             delta8 +20
              16  92 e7 48 5a  checksum         xxHash32 of all before, as expected
          continuity  goes on from the frame before, nothing is missing
          readings    good, frame number 1 of epoch 1
          state       bounded
          wind: delta8
            prediction  3.2, by its last value
            delta       +20 / 100 = 0.2, rounded by at most 0.005
            frame says  3.395 … 3.405
            declared    3.4 (resolution 0.1, range 0 … 120, max_step 5)
            states      1
            value       3.4 ± 0, good: exact
            afterwards  average 3.26, last value 3.4, observed 2 times
          light: left out
            prediction  800, by its last value
            declared    792 … 808, 17 multiples of 1 (resolution 1, range 0 … 200000)
            states      not counted
            value       observed by the device and not sent: too near its prediction to be worth it
            afterwards  average 797.6 … 802.4, last value 792 … 808, observed 2 times
      `)}\n`,
    )
  })

  it('explains a fault with its place', async () => {
    const { out, exit } = await run('greenhouse-1', ['a10006000c05f5cc00'])
    expect(exit).toBe(65)
    expect(out).toBe(
      `${golden(`
        frame 1: 9 bytes
          offset  bytes        field            meaning
               0  a1           marker           compact data frame
               1  00 06        sequence         6
               3  00 0c        context version  12, the low 16 bits, before this frame
               5  05 f5 cc 00  rest             not taken apart
          checksum    none: compact frames carry none; the line or the network vouches for them
          fault       trailing-bytes at offset 8: a 2-channel compact frame ends at offset 8, but 1 more byte came
      `)}\n`,
    )
  })

  it('shows the checksum that was expected', async () => {
    const { out } = await run('yard-1', ['4200006955b9000000000101404ccccd334825f5'])
    expect(out).toContain('  16  33 48 25 f5        checksum')
    expect(out).toContain('xxHash32 of all before, 0x334825f4 was expected')
    expect(out).toContain(
      'fault       invalid-checksum at offset 16: checksum 0x334825f5; 0x334825f4 was expected',
    )
  })

  it.each([
    ['a duplicate', [first, second, second], 'skipped     a duplicate'],
    ['a late frame', [first, third, second], 'skipped     it is older than the frame before'],
    [
      'another device’s frame',
      ['4200006955b9000000000101404ccccd334825f4'],
      'fault       wrong-family at offset 0',
    ],
    ['no bytes', [''], 'fault       empty at offset 0'],
  ])('says so of %s', async (_what, frames, text) => {
    expect(await lastOf('greenhouse-1', frames)).toContain(text)
  })

  it('prints one line of JSON a frame, in the words of decode', async () => {
    const { out } = await run('greenhouse-1', [first, second, 'a1'], { json: true })
    const [, delta, fault] = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(delta).toMatchObject({
      frame: 2,
      hex: second,
      length: 8,
      verdict: 'readings',
      kind: 'compact',
      epoch: 1,
      seq: 1,
      quality: 'good',
      sync: 'exact',
      continuity: { kind: 'continues', lost: 0 },
      events: [],
    })
    expect(delta.fields[4]).toEqual({
      offset: 6,
      length: 1,
      bytes: '0a',
      name: 'value',
      entry: 0,
      channel: 'temperature',
      value: 10,
      meaning: 'delta8 +10',
    })
    expect(delta.channels[0]).toEqual({
      name: 'temperature',
      encoding: 'delta8',
      delta: 10,
      prediction: { by: 'last', point: 21.4, lo: 21.4, hi: 21.4, mayBeNaN: false },
      told: { lo: 21.495, hi: 21.505 },
      sensor: { lo: 21.5, hi: 21.5 },
      candidates: 1,
      value: 21.5,
      bound: 0,
      quality: 'good',
      why: 'exact',
      last: { point: 21.5, lo: 21.5, hi: 21.5 },
      average: { point: 21.43, lo: 21.43, hi: 21.43 },
      observations: { atLeast: 2, exactly: true },
      inForce: { resolution: true, min: -40, max: 85, maxStep: 2 },
    })
    expect(delta.channels[1].inForce.maxStep).toBe('Infinity')
    expect(fault).toMatchObject({
      frame: 3,
      verdict: 'fault',
      fault: { code: 'truncated', offset: 1 },
    })
  })

  it('names the configured devices where it is asked for another', async () => {
    const { exit, err, out } = await run('nowhere', [first])
    expect([exit, out]).toEqual([64, ''])
    expect(err).toContain(
      'there is no device "nowhere" in the configuration; configured: greenhouse-1, yard-1',
    )
  })

  it('explains nothing where one of the frames is not hexadecimal', async () => {
    const { exit, err, out } = await run('greenhouse-1', [first, 'a1x0', 'a10'])
    expect([exit, out]).toEqual([65, ''])
    expect(err).toContain('frame 2: "a1x0" is no sequence of hexadecimal byte pairs')
    expect(err).toContain('frame 3: "a10" is no sequence')
  })
})
