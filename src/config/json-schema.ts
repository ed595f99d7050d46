import * as z from 'zod'
import { rootSchema } from './schema/root.js'

/** The JSON Schema (draft 7, what editors understand) of the configuration, as the text of its file. */
export function jsonSchemaText(): string {
  const { $schema, ...schema } = z.toJSONSchema(rootSchema, { target: 'draft-7', io: 'input' })
  const titled = {
    $schema,
    title: 'alec-bridge configuration',
    description: 'The configuration of alec-bridge; the verb check says more than this schema can.',
    ...schema,
  }
  return `${JSON.stringify(titled, null, 2)}\n`
}
