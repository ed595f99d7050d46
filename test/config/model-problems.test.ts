import { describe, expect, it } from 'vitest'
import { knownQuantities, parseResolution } from '../../src/alec/index.js'
import { decimalFault } from '../../src/config/decimal.js'
import { quantities } from '../../src/config/quantities.js'
import { load, loaded, problemsOf, warningsOf } from './loading.js'

const source = "sources: [{ mqtt: { topic: 'alec/{device}/frame' } }]\n"
/** A configuration with the one model `m`, whose text begins in line 3, column 6. */
const withModel = (model: string) => `version: 1\nmodels:\n  m: ${model}\n${source}`
/** … with one channel `t`, known well enough, whose further keys begin in line 3, column 68. */
const withChannel = (keys: string, model = 'frames: compact') =>
  withModel(`{ ${model}, channels: [{ name: t, ${keys} }] }`)

const bad: readonly (readonly [fact: string, model: string, ...problems: string[]])[] = [
  [
    'unknown frames, and no channels',
    '{ frames: compakt, channels: [] }',
    'c.yaml:3:16: models.m.frames: expected compact or standard, got the text "compakt"; did you mean compact?',
    'c.yaml:3:35: models.m.channels: expected at least one channel, got an empty list',
  ],
  ['nothing at all', '', 'c.yaml:3:6: models.m: expected a map, got nothing'],
  [
    'no frames',
    '{ channels: [{ name: t }] }',
    'c.yaml:3:3: models.m.frames: missing: expected compact or standard',
  ],
  [
    'more channels than compact frames hold',
    `{ frames: compact, channels: [${Array.from({ length: 65 }, (_, i) => `{ name: c${i} }`)}] }`,
    'c.yaml:3:35: models.m.channels: compact frames hold 1 to 64 channels, got 65',
  ],
  [
    'what only standard frames have',
    '{ frames: compact, checksum: true, multi: plain, suppresses: true, channels: [{ name: t, source: 1 }] }',
    'c.yaml:3:35: models.m.checksum: compact frames have no checksum: remove it',
    'c.yaml:3:41: models.m.multi: only standard frames are multi frames: remove it',
    'c.yaml:3:67: models.m.suppresses: compact frames carry every channel: remove it',
    'c.yaml:3:95: models.m.channels[0].source: channels of compact frames are told apart by their position: remove it',
  ],
  [
    'what only compact frames have',
    '{ frames: standard, profile: closed-loop, keyframe_interval: 50, channels: [{ name: t, source: 1 }] }',
    'c.yaml:3:35: models.m.profile: closed-loop devices send compact frames only',
    'c.yaml:3:48: models.m.keyframe_interval: standard frames know no keyframe: remove it',
  ],
  [
    'standard channels without a source, or with one of another channel',
    '{ frames: standard, channels: [{ name: a }, { name: b, source: 40 }, { name: c, source: temperature }, { name: d, source: no }, { name: e, source: -1 }] }',
    'c.yaml:3:37: models.m.channels[0].source: missing: standard frames tell their channels apart by source: a number, or the name that the device uses',
    'c.yaml:3:94: models.m.channels[2].source: the source temperature (40) is that of channel b already',
    'c.yaml:3:153: models.m.channels[4].source: expected a whole number from 0 to 4294967295, got the number -1',
  ],
  [
    'a source that no multi frame can name',
    '{ frames: standard, multi: adaptive, channels: [{ name: a, source: 256 }] }',
    'c.yaml:3:73: models.m.channels[0].source: expected a name id from 0 to 255, as in multi frames, got the number 256',
  ],
  [
    'channel names that are reserved, double or no names',
    '{ frames: compact, channels: [{ name: ts }, { name: a }, { name: A }, { name: a b }, { name: Bridge }] }',
    'c.yaml:3:38: models.m.channels[0].name: the name ts is reserved: choose another one',
    'c.yaml:3:65: models.m.channels[2].name: there is a channel a already; upper and lower case do not count',
    'c.yaml:3:84: models.m.channels[3].name: expected an id (a letter or digit, then up to 63 letters, digits, _ or -), got the text "a b"',
    'c.yaml:3:93: models.m.channels[4].name: the name Bridge is reserved: choose another one',
  ],
  [
    'peers that are too few, or no distance away',
    '{ frames: compact, peers: { deviations: 0, minimum: 2, most: 9 }, channels: [{ name: t }] }',
    'c.yaml:3:46: models.m.peers.deviations: expected a number above 0, got the number 0',
    'c.yaml:3:58: models.m.peers.minimum: expected a whole number from 3 to 100000, got the number 2',
    'c.yaml:3:61: models.m.peers.most: unknown key; known here: deviations, minimum',
  ],
  [
    'every mistake of one channel, and of the next',
    '{ frames: compact, interval: 60, channels: [{ name: a, min: 5, max: 5, max_step: 0, resolution: 0, tolerance: -1 }, { name: b, resolutoin: 1, min: x }] }',
    'c.yaml:3:35: models.m.interval: expected a duration with its unit from 1ms to 365d: write 60s, got the number 60',
    'c.yaml:3:74: models.m.channels[0].max: expected more than min (5), got the number 5',
    'c.yaml:3:87: models.m.channels[0].max_step: expected a number above 0, got the number 0',
    'c.yaml:3:102: models.m.channels[0].resolution: expected more than 0, got the number 0',
    'c.yaml:3:116: models.m.channels[0].tolerance: expected a number from 0, got the number -1',
    'c.yaml:3:133: models.m.channels[1].resolutoin: unknown key; did you mean resolution?',
    'c.yaml:3:153: models.m.channels[1].min: expected a number, got the text "x"',
  ],
]

describe('a problem of a model', () => {
  it.each(bad)('%s', (_fact, model, ...problems) => {
    expect(problemsOf(load(withModel(model)))).toEqual(problems)
  })

  it('is found under a name that is wrong itself, and names are compared without case', () => {
    const text = `version: 1\nmodels:\n  a b: { frames: x, channels: [{ name: t }] }\n  c: { frames: compact, channels: [{ name: t }] }\n  C: 5\n`
    expect(problemsOf(load(text))).toEqual([
      'c.yaml:3:3: models["a b"]: expected an id (a letter or digit, then up to 63 letters, digits, _ or -), got the key "a b"',
      'c.yaml:3:18: models["a b"].frames: expected compact or standard, got the text "x"',
      'c.yaml:5:3: models.C: there is a model c already; upper and lower case do not count',
      'c.yaml:5:6: models.C: expected a map, got the number 5',
    ])
  })
})

describe('a resolution', () => {
  const resolutionOf = (written: string) =>
    loaded(load(withChannel(`quantity: temperature, resolution: ${written}`))).models.get('m')
      ?.channels[0]?.resolution

  it.each(['0.1', '0.10', '.5', '1', '5e-3', '+2', "'0.05'", '123456789012345'])(
    'keeps the digits of %s as they were written',
    (written) => {
      expect(resolutionOf(written)).toBe(written.replaceAll("'", ''))
    },
  )

  it.each([
    ['0x10', 'a decimal such as 0.1, 0.05 or 1, got the number 16 (written "0x10")'],
    ['-0.1', 'a decimal such as 0.1, 0.05 or 1, got the number -0.1'],
    ['1/16', 'a decimal such as 0.1, 0.05 or 1, got the text "1/16"'],
    ['0.0', 'more than 0, got the number 0 (written "0.0")'],
    ['0.1234567890123456', 'a decimal of at most 15 digits, got the number 0.1234567890123456'],
    ['1e-23', 'between 1e-22 and 9e15, got the number 1e-23'],
    ['1e20', 'between 1e-22 and 9e15, got the number 100000000000000000000 (written "1e20")'],
    ['.nan', 'a decimal such as 0.1, 0.05 or 1, got the number NaN (written ".nan")'],
    ['true', 'a decimal such as 0.1, 0.05 or 1, got true'],
  ])('refuses %s', (written, rest) => {
    expect(problemsOf(load(withChannel(`resolution: ${written}`)))).toEqual([
      `c.yaml:3:59: models.m.channels[0].resolution: expected ${rest}`,
    ])
  })

  it('is accepted only where the decoder can compute with it, and wherever it can', () => {
    const digits = ['', '0', '1', '05', '10', '123456789012345', '1234567890123456', '9'.repeat(16)]
    const exponents = ['', 'e0', 'e5', 'e-7', 'e22', 'e-22', 'e-23', 'E+2', 'e123']
    for (const sign of ['', '+', '-']) {
      for (const whole of digits) {
        for (const fraction of ['', '.', ...digits.map((digit) => `.${digit}`)]) {
          for (const exponent of exponents) {
            const text = `${sign}${whole}${fraction}${exponent}`
            expect([text, decimalFault(text) === undefined]).toEqual([
              text,
              parseResolution(text) !== undefined,
            ])
          }
        }
      }
    }
  })
})

describe('a warning about a model', () => {
  const warnings = (text: string) => warningsOf(load(text))

  it('tells of a resolution finer than the step of a delta', () => {
    expect(warnings(withChannel('quantity: temperature, resolution: 0.001'))).toEqual([
      'c.yaml:3:82: models.m.channels[0].resolution: finer than the step of a delta (1/100): deltas cannot be decoded exactly; raise scale in the firmware and here',
    ])
    expect(warnings(withChannel('quantity: temperature, resolution: 0.01'))).toEqual([])
    const fine = 'frames: compact, scale: 1000'
    expect(warnings(withChannel('quantity: temperature, resolution: 0.001', fine))).toEqual([])
  })

  it('tells of a channel with no limits', () => {
    expect(warnings(withChannel('min: 0'))).toEqual([
      'c.yaml:3:36: models.m.channels[0]: channel t: no min and max and no known quantity: after a loss its error is unlimited',
    ])
    expect(warnings(withChannel('min: 0, max: 9'))).toEqual([])
    // One keyframe makes a closed-loop device exact, whatever is declared.
    expect(warnings(withChannel('min: 0', 'frames: compact, profile: closed-loop'))).toEqual([])
  })

  it('tells of a quantity that is nearly a known one', () => {
    expect(warnings(withChannel('quantity: temprature, min: 0, max: 9'))).toEqual([
      'c.yaml:3:57: models.m.channels[0].quantity: not a known quantity; did you mean temperature?',
    ])
    expect(warnings(withChannel('quantity: particle_count, min: 0, max: 9'))).toEqual([])
  })

  it('tells of peers that are too few', () => {
    const model = withChannel('min: 0, max: 9', 'frames: compact, peers: {}')
    const devices = (count: number) =>
      `devices: { ${Array.from({ length: count }, (_, n) => `d${n}: { model: m }`).join(', ')} }\n`
    expect(warnings(`${model}${devices(1)}`)).toEqual([
      'c.yaml:3:25: models.m.peers: has no effect: 1 device is of this model, and 3 have to be heard',
    ])
    expect(warnings(`${model}${devices(3)}`)).toEqual([])
    expect(warnings(`${model}unknown_devices: accept\ndefault_model: m\n`)).toEqual([])
  })

  it('tells how standard frames recover, where they carry deltas', () => {
    const keys = 'source: 1, quantity: temperature'
    expect(warnings(withChannel(keys, 'frames: standard'))).toEqual([
      'c.yaml:3:3: models.m: standard frames know no keyframe: after a lost frame readings are uncertain until the device sends whole values, its deltas leave one possibility, or a context is imported; resolution, min, max and max_step help',
    ])
    expect(warnings(withChannel('source: 1', 'frames: standard, multi: plain'))).toEqual([])
  })
})

it('peers are held against each other by the usual rule where none is said', () => {
  const peersOf = (peers: string) =>
    loaded(load(withChannel('min: 0, max: 9', `frames: compact${peers}`))).models.get('m')?.peers
  expect(peersOf('')).toBeUndefined()
  expect(peersOf(', peers: {}')).toEqual({ deviations: 3, minimum: 3 })
  expect(peersOf(', peers: { deviations: 4.5 }')).toEqual({ deviations: 4.5, minimum: 3 })
})

it('knows the same quantities as the decoder', () => {
  expect([...quantities].sort()).toEqual([...knownQuantities].sort())
})
