import { describe, expect, it } from 'vitest'
import { formatPath, problemAt } from '../../src/config/problem.js'
import { readYaml } from '../../src/config/yaml-reader.js'

const faultsOf = (text: string): string[] =>
  readYaml(text).faults.map(({ place, path, message }) => {
    const { line, column } = problemAt(undefined, place, path, message)
    return `${line}:${column} ${formatPath(path)}: ${message}`
  })

describe('a document', () => {
  it('keeps the place of every key and value', () => {
    const { tree } = readYaml('a: 1\nlist:\n  - x\n  - b: "y"\n')
    expect(tree?.root).toEqual({ a: 1, list: ['x', { b: 'y' }] })
    expect(tree?.placeOf(['a'])).toEqual({ line: 1, column: 4 })
    expect(tree?.keyPlaceOf(['a'])).toEqual({ line: 1, column: 1 })
    expect(tree?.placeOf(['list', 0])).toEqual({ line: 3, column: 5 })
    expect(tree?.placeOf(['list', 1, 'b'])).toEqual({ line: 4, column: 8 })
    expect(tree?.keyPlaceOf(['list', 1, 'b'])).toEqual({ line: 4, column: 5 })
  })

  it('places what is missing where its surroundings begin', () => {
    const { tree } = readYaml('\na: { b: 1 }\n')
    expect(tree?.placeOf(['a', 'c', 'd'])).toEqual({ line: 2, column: 1 })
    expect(tree?.placeOf(['x'])).toEqual({ line: 2, column: 1 })
  })

  it('keeps the places of devices, but for what was written over them since', () => {
    const text =
      'x: &d { model: m }\ndevices:\n  a: { model: m }\n  b: *d\n  c:\n    <<: *d\n    name: 007\n'
    const { tree } = readYaml(text)
    const variable = { variable: 'ALEC_BRIDGE__DEVICES__A__MODEL' }
    tree?.put(['devices', 'a', 'model'], 'n', { value: variable })
    expect(tree?.placeOf(['devices'])).toEqual({ line: 3, column: 3 })
    expect(tree?.placeOf(['devices', 'a', 'model'])).toEqual(variable)
    expect(tree?.keyPlaceOf(['devices', 'a'])).toEqual({ line: 3, column: 3 })
    expect(tree?.keyPlaceOf(['devices', 'b', 'model'])).toEqual({ line: 1, column: 9 })
    expect(tree?.placeOf(['devices', 'c', 'model'])).toEqual({ line: 1, column: 16 })
    expect(tree?.written(['devices', 'c', 'name'])).toBe('007')
  })

  it('keeps scalars and keys as they were written', () => {
    const { tree } = readYaml('a: 0403\nb: 0.10\n0x10: 1e3\n007: x\n')
    expect(Object.keys(tree?.root ?? {})).toEqual(['a', 'b', '0x10', '007'])
    expect(tree?.written(['a'])).toBe('0403')
    expect(tree?.written(['b'])).toBe('0.10')
    expect(tree?.at(['0x10'])).toBe(1000)
  })

  it('reads YAML 1.2: yes and off are text', () => {
    expect(readYaml('a: yes\nb: off\nc: 0o17\nd: true\n').tree?.root).toEqual({
      a: 'yes',
      b: 'off',
      c: 15,
      d: true,
    })
  })

  it('counts lines with either line end, and columns behind a byte order mark', () => {
    expect(faultsOf('a: 1\r\nb: 2\r\nb: 3\r\n')).toEqual(['3:1 : this key stands twice in one map'])
  })
})

describe('aliases and merge keys', () => {
  it('copy, and what a map says itself wins wherever the merge stands', () => {
    const { tree, faults } = readYaml(
      'one: &one { a: 1, b: 2 }\ntwo: &two { b: 3, c: 4 }\nmine: { <<: [*one, *two], a: 9 }\nalso: *one\n',
    )
    expect(faults).toEqual([])
    expect(tree?.at(['mine'])).toEqual({ a: 9, b: 2, c: 4 })
    expect(tree?.at(['also'])).toEqual({ a: 1, b: 2 })
  })

  it('keep the place where a copied value was written', () => {
    const { tree } = readYaml('one: &one { a: 1, b: 2 }\nmine:\n  a: 9\n  <<: *one\n')
    expect(tree?.placeOf(['mine', 'b'])).toEqual({ line: 1, column: 22 })
    expect(tree?.placeOf(['mine', 'a'])).toEqual({ line: 3, column: 6 })
  })

  it('copy values, not the identity of values', () => {
    const { tree } = readYaml('a: &a { x: 1 }\nb: *a\n')
    expect(tree?.at(['a'])).not.toBe(tree?.at(['b']))
  })
})

describe('a fault of the text', () => {
  it.each([
    ['a key twice', 'a: 1\nb: { c: 1, c: 2 }\n', '2:12 b: this key stands twice in one map'],
    ['a number and a text as one key', '1: a\n"1": b\n', '2:1 : this key stands twice in one map'],
    ['a key that is no text', '? [1]\n: 2\n', '1:3 : keys are plain text'],
    ['a prototype', 'a:\n  __proto__: { x: 1 }\n', '2:3 a: __proto__ is no key of a configuration'],
    [
      'an alias of nothing',
      'a: *hunter2\n',
      '1:4 a: no such anchor (text that begins with * needs quotes)',
    ],
    ['an alias of itself', 'a: &a [1, *a]\n', '1:11 a[1]: this alias holds itself'],
    [
      'a merge of no map',
      'a: &a 1\nb: { <<: *a }\n',
      '2:6 b: << takes a map, an alias of one, or a list of these',
    ],
    [
      'an unknown tag',
      'a: !hunter2 x\n',
      '1:4 : not valid YAML: unknown tag (text that begins with ! needs quotes)',
    ],
    [
      'text that needs quotes',
      'a: @hunter2\n',
      '1:4 : not valid YAML: text that begins with this character needs quotes',
    ],
    [
      'an open quote',
      'a: "x\nb: 1\n',
      '3:1 : not valid YAML: a closing quote, bracket, comma or colon is missing',
    ],
    ['a tab', 'a:\n\tb: 1\n', '2:1 : not valid YAML: indentation is made of spaces, not tabs'],
    [
      'a second colon',
      'a: b: c\n',
      '1:4 : not valid YAML: a second ": " on one line: text that holds it needs quotes',
    ],
    [
      'a second document',
      'a: 1\n---\nb: 2\n',
      '2:1 : not valid YAML: one file holds one configuration: nothing may follow a second ---',
    ],
    ['another YAML', '%YAML 1.1\n---\na: yes\n', '1:1 : YAML 1.2 only: remove the %YAML directive'],
    ['nothing', '\n# a comment\n', '1:1 : the file is empty'],
  ])('%s is told with its place, without the text', (_fact, text, ...faults) => {
    expect(faultsOf(text)).toEqual(faults)
  })
})

describe('a hostile text', () => {
  it.each([
    ['brackets', '['.repeat(100_000)],
    ['braces', '{a: '.repeat(100_000)],
    ['dashes', '- '.repeat(100_000)],
    ['question marks', '? '.repeat(100_000)],
    ['indentation', Array.from({ length: 400 }, (_, i) => `${' '.repeat(i)}a:`).join('\n')],
  ])('of %s nested without end is refused', (_fact, text) => {
    expect(readYaml(text).faults.map(({ message }) => message)).toEqual(['nested too deeply'])
  })

  it('of aliases of aliases is refused, once', () => {
    const levels = Array.from({ length: 9 }, (_, i) => {
      const items = i === 0 ? 'x' : Array.from({ length: 10 }, () => `*l${i - 1}`).join(', ')
      return `l${i}: &l${i} [${items}]\n`
    })
    const { tree, faults } = readYaml(levels.join(''))
    expect(faults.map(({ message }) => message)).toEqual([
      'nested too deeply, or copied too often by aliases',
    ])
    expect(JSON.stringify(tree?.root).length).toBeLessThan(200_000)
  })

  it('of a long chain of aliases is refused', () => {
    const chain = Array.from({ length: 1000 }, (_, i) => `a${i}: &a${i} [${i ? `*a${i - 1}` : ''}]`)
    expect(readYaml(chain.join('\n')).faults).toHaveLength(1)
  })

  it('of ten thousand mistakes tells the first twenty', () => {
    expect(readYaml('!a '.repeat(10_000)).faults.length).toBeLessThanOrEqual(20)
  })
})
