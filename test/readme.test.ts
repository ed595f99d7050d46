import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { describe, expect, it, onTestFinished } from 'vitest'
import { parseScenario } from '../firmware-sim/index.js'
import { CompactEncoder, crc32, keyframeRequest } from '../src/alec/index.js'
import { decode } from '../src/commands/decode.js'
import type { CommandIo } from '../src/commands/io.js'
import { jsonSchemaText } from '../src/config/index.js'
import { Framer, type LineFormat, wrapFrame } from '../src/framing/index.js'
import { deviceConfigTopic } from '../src/outputs/discovery/site.js'
import { bridgeTopics, deviceTopics } from '../src/outputs/index.js'
import { load, loaded, problemsOf, warningsOf } from './config/loading.js'
import { codes, Page, ROOT } from './support/page.js'
import { helpOf, optionsIn, shownCommands, unknownOptions } from './support/shown-commands.js'

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')
const page = new Page('README.md')
const readme = page.text
const blocks = (language: string): string[] => page.blocks(language)
const block = (language: string, mark: string): string => page.block(language, mark)
const table = (heading: string): string[][] => page.table(heading)
const manifest: Readonly<
  Record<'scripts' | 'dependencies' | 'optionalDependencies', Readonly<Record<string, string>>>
> = JSON.parse(read('package.json'))

const sorted = (texts: Iterable<string>): string[] => [...new Set(texts)].sort()

const bytesOf = (hex: string): Uint8Array =>
  Uint8Array.from(Buffer.from(hex.replace(/\s/g, ''), 'hex'))
const hexOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes)
    .toString('hex')
    .replace(/..(?=.)/g, '$& ')

const isScenario = (yaml: string): boolean => /^links:/m.test(yaml)
const configurations = blocks('yaml').filter((yaml) => !isScenario(yaml))
const fiveSteps = block('yaml', 'yaml-language-server')

describe('the configurations', () => {
  it('are two, one for each kind of source', () => {
    expect(configurations).toHaveLength(2)
    expect(
      configurations.flatMap((yaml) => loaded(load(yaml)).sources.map(({ kind }) => kind)),
    ).toEqual(['serial', 'mqtt', 'mqtt', 'mqtt'])
  })

  it.each(configurations)('have neither problem nor warning (%#)', (yaml) => {
    const outcome = load(yaml)
    expect(problemsOf(outcome)).toEqual([])
    expect(warningsOf(outcome)).toEqual([])
  })

  it('when mistyped, lead to the problems that are shown', () => {
    const mistyped = fiveSteps
      .replace('interval: 60s', 'interval: 60')
      .replace('quantity: relative', 'quanity: relative')
    const problems = problemsOf(load(mistyped)).map((text) => text.replace(/^c\./, 'alec-bridge.'))
    expect(block('text', 'did you mean')).toBe(`${problems.join('\n')}\n2 problems\n`)
  })

  it('with the sensor of the five steps also fit the scenario that stands in for it', () => {
    const [yaml = ''] = blocks('yaml').filter(isScenario)
    const result = parseScenario(yaml)
    if (!result.ok) throw new Error(JSON.stringify(result.problems))
    const [device] = result.scenario.devices
    const model = loaded(load(fiveSteps)).models.get('climate')
    expect(device?.name).toBe('greenhouse-1')
    expect(device?.frames).toBe(model?.frames)
    expect(device?.channels.map(({ name }) => name)).toEqual(
      model?.channels.map(({ name }) => name),
    )
  })

  it('name every key that this version has, and no other', () => {
    const described = table('section | keys').map(([section = '', keys = '']) => [
      section.replaceAll('`', ''),
      sorted(codes(keys)),
    ])
    expect(Object.fromEntries(described)).toEqual(Object.fromEntries(sections(schema(), '')))
  })
})

interface SchemaNode {
  readonly description?: string
  readonly properties?: Readonly<Record<string, SchemaNode>>
  readonly items?: SchemaNode
  readonly additionalProperties?: SchemaNode | boolean
}

const schema = (): SchemaNode => JSON.parse(jsonSchemaText())

/** Every map of fixed keys in the schema with its keys, but for what is not available. */
function sections(
  { properties, items, additionalProperties }: SchemaNode,
  path: string,
): [string, string[]][] {
  const each = items ? sections(items, `${path}[]`) : []
  const any =
    typeof additionalProperties === 'object' ? sections(additionalProperties, `${path}.*`) : []
  if (!properties) return [...each, ...any]
  const keys = Object.keys(properties).filter(
    (key) => !properties[key]?.description?.startsWith('Not available'),
  )
  const below = keys.flatMap((key) =>
    sections(properties[key] ?? {}, path === '' ? key : `${path}.${key}`),
  )
  return [[path === '' ? '(top)' : path, sorted(keys)], ...below]
}

describe('the worked frame', () => {
  const line: LineFormat = { framing: 'cobs', crc: 'crc32', address: 'none', maxFrame: 4096 }
  const encoder = new CompactEncoder({ channels: 2 })
  const first = encoder.encode([21.4, 48])
  const second = encoder.encode([21.4, 49])
  const crc = Buffer.alloc(4)
  crc.writeUInt32BE(crc32(first))

  it('is what a device sends, part by part and on the wire', () => {
    const parts = table('bytes | meaning').map(([bytes = '']) => codes(bytes).join(' '))
    expect(parts.join(' ')).toBe(hexOf(first))
    expect(block('text', 'CRC-32')).toBe(
      [
        `frame        ${hexOf(first)}`,
        `CRC-32       ${hexOf(crc)}`,
        `on the wire  ${hexOf(wrapFrame(line, first))}`,
        '',
      ].join('\n'),
    )
  })

  it('is followed by the smaller one that is shown', () => {
    expect(blocks('text')).toContain(
      `frame        ${hexOf(second)}\non the wire  ${hexOf(wrapFrame(line, second))}\n`,
    )
  })

  it('comes back out of its bytes on the wire', () => {
    const frames: string[] = []
    const framer = new Framer(line, (bytes) => frames.push(hexOf(bytes)))
    const wires = blocks('text').flatMap((text) =>
      Array.from(text.matchAll(/^on the wire {2}(.*)$/gm), (m) => m[1] ?? ''),
    )
    for (const wire of wires) framer.push(bytesOf(wire))
    expect(frames).toEqual([hexOf(first), hexOf(second), hexOf(Uint8Array.of(keyframeRequest))])
  })

  it('is the one that goes over MQTT, bare and in base64', () => {
    const [, escaped = ''] = /printf '((?:\\x[0-9a-f]{2})+)' \| mosquitto_pub/.exec(readme) ?? []
    expect(escaped.replaceAll('\\x', ' ').trim()).toBe(hexOf(first))
    expect(readme).toContain(`{"data":"${Buffer.from(first).toString('base64')}"`)
  })
})

describe('the verb decode', () => {
  /** What it prints for lines of hex. */
  async function decoded(input: string): Promise<string> {
    const cwd = mkdtempSync(join(tmpdir(), 'alec-readme-'))
    onTestFinished(() => rmSync(cwd, { recursive: true, force: true }))
    writeFileSync(join(cwd, 'alec-bridge.yaml'), fiveSteps)
    const printed: string[] = []
    const io: CommandIo = {
      stdin: Readable.from([input]),
      stdout: (text) => printed.push(text),
      stderr: (text) => expect.fail(text),
      env: {},
      cwd,
      signal: new AbortController().signal,
      columns: undefined,
    }
    await decode({ config: 'alec-bridge.yaml', device: 'greenhouse-1' }, io)
    return printed.join('')
  }

  it('gives back the values of the worked frames as it is shown', async () => {
    const [, input = ''] = /printf '([0-9a-f\\n]+)' \| npx alec-bridge decode/.exec(readme) ?? []
    const out = await decoded(input.replaceAll('\\n', '\n'))
    expect(block('json', '"verdict":"readings"')).toBe(out)
    expect(out.match(/"value":[\d.]+/g)).toEqual(
      ['21.4', '48', '21.4', '49'].map((v) => `"value":${v}`),
    )
  })

  it('says of a frame with a byte too many what is shown', async () => {
    const out = await decoded('a1000000000f41ab333342400000\na1000100020464ff\n')
    expect(out.slice(out.indexOf('\n') + 1)).toBe(block('json', '"verdict":"fault"'))
  })
})

describe('the commands', () => {
  const lines = page.commandLines

  it('are verbs and options of the program, and all of its verbs', async () => {
    const used = shownCommands(lines)
    const verbs = sorted(used.map(({ verb }) => verb))
    const listed = (await helpOf()).split('Commands:')[1]?.matchAll(/^ {2}([a-z]+)/gm) ?? []
    expect(verbs).toEqual(sorted(Array.from(listed, (m) => m[1] ?? '').filter((v) => v !== 'help')))
    expect(await unknownOptions(used)).toEqual([])
    expect(used.flatMap(({ options }) => options).length).toBeGreaterThan(10)
    for (const option of ['--for', '--broker-port'])
      for (const verb of ['run', 'demo', 'sim'])
        expect(optionsIn(await helpOf(verb))).toContain(option)
  })

  it('are scripts of the package', () => {
    const scripts = lines.flatMap((line) => /^npm (?:run )?([a-z]+)/.exec(line)?.[1] ?? [])
    expect(sorted(scripts)).toEqual(['bench', 'build', 'setup', 'soak', 'start', 'stress', 'test'])
    for (const script of scripts) expect(manifest.scripts).toHaveProperty(script)
  })

  it('name files that are there', () => {
    const named = blocks('sh').flatMap((text) => text.match(/\bconfig\/\S+\.yaml/g) ?? [])
    expect(named.length).toBeGreaterThan(0)
    expect(named.filter((path) => !existsSync(join(ROOT, path)))).toEqual([])
  })
})

describe('what is published', () => {
  const eventSource = read('src/device/event.ts')
  const quoted = (text: string) => Array.from(text.matchAll(/'([\w-]+)'/g), (m) => m[1] ?? '')

  it('has its topics in the table, all of them', () => {
    const { channels, ...device } = deviceTopics('alec', 'd', ['c'])
    const { request: _request, response: _response, ...bridge } = bridgeTopics('alec')
    const site = { prefix: 'homeassistant', baseTopic: 'alec', bridge: 'b', version: '1' }
    const announcedOn = deviceConfigTopic({ ...site, uncertain: 'mark' }, 'd')
    const documented = table('topic | retained | payload')
      .flatMap(([topic = '']) => codes(topic))
      .map((topic) => topic.replace('<device>', 'd').replace('<channel>', 'c'))
    expect(sorted(documented)).toEqual(
      sorted([
        'alec/d/frame',
        ...Object.values(device),
        ...channels.values(),
        ...Object.values(bridge),
        announcedOn,
      ]),
    )
  })

  it('has each type of event in the list', () => {
    const types = Array.from(eventSource.matchAll(/readonly type:(.*)/g), ([line]) => quoted(line))
    const [, list = ''] = /^Their types: (.*)$/m.exec(readme) ?? []
    expect(sorted(codes(list))).toEqual(sorted(types.flat()))
  })

  it('is shown as JSON that reads', () => {
    const documents = blocks('json').flatMap((text) => text.split(/\n(?=\{)/))
    expect(documents.length).toBeGreaterThan(5)
    for (const document of documents) expect(() => JSON.parse(document)).not.toThrow()
  })
})

describe('the dependencies', () => {
  const rows = table('package | what for | licence')

  it('stand in the table, all of them and no other', () => {
    const documented = rows.flatMap(([name = '']) => codes(name))
    const { dependencies, optionalDependencies } = manifest
    const needed = Object.keys({ ...dependencies, ...optionalDependencies })
    expect(sorted(documented)).toEqual(sorted(needed))
  })

  it('have the licences that it says', () => {
    const documented = rows.map(([name = '', , licence]) => [codes(name)[0] ?? '', licence])
    const declared = documented.map(([name]) => [
      name,
      JSON.parse(read(`node_modules/${name}/package.json`)).license,
    ])
    expect(documented).toEqual(declared)
  })
})
