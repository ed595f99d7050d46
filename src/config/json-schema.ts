import * as z from 'zod'
import { rootSchema } from './schema/root.js'
import { isRawMap, type RawMap } from './source-tree.js'
import { unavailable } from './unavailable.js'

/** The JSON Schema (draft 7, what editors understand) of the configuration, as the text of its file. */
export function jsonSchemaText(): string {
  const { $schema, ...schema } = z.toJSONSchema(rootSchema, { target: 'draft-7', io: 'input' })
  for (const path of unavailable) markUnavailable(schema, path.map(String))
  const titled = {
    $schema,
    title: 'alec-bridge configuration',
    description: 'The configuration of alec-bridge; the verb check says more than this schema can.',
    ...schema,
  }
  return `${JSON.stringify(titled, null, 2)}\n`
}

function markUnavailable(schema: RawMap, path: readonly string[]): void {
  let at: unknown = schema
  for (const step of path) {
    const properties = isRawMap(at) ? at.properties : undefined
    at = isRawMap(properties) ? properties[step] : undefined
  }
  if (!isRawMap(at)) throw new TypeError(`the schema has no ${path.join('.')}`)
  at.description = `Not available in this version. ${at.description ?? ''}`.trim()
}
