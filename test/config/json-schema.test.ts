import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import * as z from 'zod'
import { jsonSchemaText } from '../../src/config/index.js'

const config = new URL('../../config/', import.meta.url)
const schema = JSON.parse(jsonSchemaText())

interface Node {
  readonly description?: string
  readonly properties?: Readonly<Record<string, Node>>
  readonly items?: Node
  readonly additionalProperties?: Node | boolean
}

/** Every property of a schema with its path. */
function* properties(node: Node, path = ''): Generator<readonly [path: string, node: Node]> {
  for (const [name, property] of Object.entries(node.properties ?? {})) {
    yield [`${path}${name}`, property]
    yield* properties(property, `${path}${name}.`)
  }
  if (node.items) yield* properties(node.items, `${path}[].`)
  if (typeof node.additionalProperties === 'object') {
    yield* properties(node.additionalProperties, `${path}*.`)
  }
}

describe('the schema for editors', () => {
  it('is the committed one; after a change: npx vitest run test/config/json-schema.test.ts -u', async () => {
    await expect(jsonSchemaText()).toMatchFileSnapshot('../../config/alec-bridge.schema.json')
  })

  it('describes every section and what is in a channel', () => {
    const described = new Map(properties(schema))
    for (const [path, node] of described) {
      if (path.includes('.')) continue
      expect([path, node.description ?? (path === 'log' ? '' : undefined)]).not.toEqual([
        path,
        undefined,
      ])
    }
    expect(described.get('models.*.channels.[].resolution')?.description).toMatch(/multiple/)
  })

  const accepts = z.fromJSONSchema(schema)

  const textOf = (name: string) => readFileSync(new URL(name, config), 'utf8')
  /** Configurations of a bridge name the schema, so that editors know; other files there do not. */
  const configurations = readdirSync(config).filter(
    (name) => name.endsWith('.yaml') && textOf(name).includes('$schema=./alec-bridge.schema.json'),
  )

  it.each(configurations)('accepts %s', (name) => {
    const document = parse(textOf(name))
    expect(accepts.safeParse(document)).toMatchObject({ success: true })
  })

  it.each([
    ['no version', {}],
    ['an unknown key', { version: 1, outputs: { qoss: 1 } }],
    ['a duration without unit', { version: 1, status: { interval: 60 } }],
    [
      'a channel without name',
      { version: 1, models: { m: { frames: 'compact', channels: [{}] } } },
    ],
    ['a word that is no choice', { version: 1, unknown_devices: 'maybe' }],
  ])('refuses %s', (_fact, document) => {
    expect(accepts.safeParse(document).success).toBe(false)
  })
})
