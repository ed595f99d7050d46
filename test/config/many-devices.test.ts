import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import type { Place } from '../../src/config/problem.js'
import { readYaml } from '../../src/config/yaml-reader.js'

const COUNT = 3000
const HEAD = 'base: &m { model: m }\ndevices:\n'
const device = (n: number, value = '{ model: m }') => `  device-${n}: ${value}\n`
const devices = (change: (n: number) => string | undefined = () => undefined) =>
  Array.from({ length: COUNT }, (_, n) => change(n) ?? device(n)).join('')

/** The same words are not always the same. */
const WORDS = [
  '{ model: m }',
  '{ model: "m" }',
  '{ model: m, name: n }',
  '{ name: n, model: m }',
  '{ model: 12 }',
  '{ model: 012 }',
  '{ model: null }',
  '{ model: { name: m } }',
  '{ <<: *m, name: n }',
  '{}',
  'm',
  '',
]

/** What is read, with faults and some places. */
function readAll(text: string, shift = 0) {
  const { tree, faults } = readYaml(text)
  const lineOf = (place: Place | undefined) =>
    place && 'line' in place ? place.line - shift : undefined
  return {
    root: tree?.root,
    order: Object.keys((tree?.at(['devices']) as object | undefined) ?? {}),
    faults: faults.map(({ place, path, message }) => [lineOf(place), path, message]),
    lines: [0, 1, 1500, COUNT - 1].map((n) => [
      lineOf(tree?.keyPlaceOf(['devices', `device-${n}`])),
      lineOf(tree?.placeOf(['devices', `device-${n}`, 'model'])),
    ]),
  }
}

describe('a list of many devices', () => {
  it.each<[string, string]>([
    ['one a line', HEAD + devices()],
    ['as blocks', HEAD + devices((n) => `  device-${n}:\n    model: m\n    name: "n ${n}"\n`)],
    ['with comments', HEAD + devices((n) => `${device(n)}  # of ${n}\n\n`)],
    ['with a comment to the left', HEAD + devices((n) => `${device(n)}# of ${n}\n`)],
    ['by an alias', HEAD + devices((n) => device(n, '*m'))],
    [
      'by an alias of one of them',
      HEAD + devices((n) => device(n, n === 0 ? '&d { model: x }' : '*d')),
    ],
    [
      'merged in among them',
      `${HEAD}  <<: { device-7: { model: y }, other: { model: y } }\n${devices()}`,
    ],
    ['with something behind', `${HEAD}${devices()}sources: []\nmodels: { m: {} }\n`],
    ['deeply indented', HEAD + devices().replaceAll(/^ {2}/gm, '        ')],
    ['with explicit keys', HEAD + devices((n) => `  ? device-${n}\n  : { model: m }\n`)],
    ['with one twice', HEAD + devices((n) => (n === 2900 ? device(5) : undefined))],
    [
      'with one that is not in line',
      HEAD + devices((n) => (n === 1400 ? ` ${device(n)}` : undefined)),
    ],
    [
      'with one that is too far left',
      HEAD + devices((n) => (n === 1400 ? device(n).slice(1) : undefined)),
    ],
    [
      'with a bracket that is open',
      HEAD + devices((n) => (n === 1400 ? device(n, '{ model: m') : undefined)),
    ],
    [
      'with an unknown tag',
      HEAD + devices((n) => device(n, n === 9 ? '!odd { model: m }' : undefined)),
    ],
    ['with no such alias', HEAD + devices((n) => device(n, n === 2000 ? '*nobody' : undefined))],
    ['that differ', HEAD + devices((n) => device(n, WORDS[n % WORDS.length]))],
    [
      'with a word twice in one of them',
      HEAD + devices((n) => device(n, n % 700 === 9 ? '{ model: m, model: m }' : undefined)),
    ],
    [
      'with a word that another repeats',
      HEAD + devices((n) => device(n, ['{ model: &w m }', '{ model: *w }'][n % 9])),
    ],
    ['with names that are numbers', HEAD + devices((n) => `  0${n}: { model: m }\n${device(n)}`)],
    ['with the list twice', `${HEAD}${devices()}devices:\n${devices()}`],
    ['with two documents', `${HEAD}${devices()}---\n${HEAD}${devices()}`],
    ['in braces', `devices: {\n${devices().replaceAll('}\n', '},\n')}}\n`],
    ['cut in the middle', (HEAD + devices()).slice(0, -40_007)],
  ])('is read as a whole, %s', (_how, text) => {
    // With a directive before it the document is read in one go.
    const inOneGo = readAll(`%YAML 1.2\n---\n${text}`, 2)
    expect(inOneGo.order.length + inOneGo.faults.length).toBeGreaterThan(0)
    expect(readAll(text)).toEqual(inOneGo)
  })
})

it('the text of a configuration is not kept for the sake of a few words of it', () => {
  setFlagsFromString('--expose-gc')
  const collectGarbage: () => void = runInNewContext('gc')
  const inUse = () => {
    collectGarbage()
    return process.memoryUsage().heapUsed
  }
  // Read once, so that everything that reads is there.
  const read = (length: number) =>
    readYaml(`broker: { url: mqtt://a-broker.with-a-long-name.example }\n#${'x'.repeat(length)}`)
      .tree?.root
  const held = [read(1)]
  const before = inUse()
  held.push(read(10_000_000))
  expect(inUse() - before).toBeLessThan(5_000_000)
  expect(held[1]).toEqual(held[0])
})
