import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { requests } from '../../src/control/requests/index.js'
import type { Affairs } from '../../src/control/requests/request.js'

const page = readFileSync(new URL('../../docs/requests.md', import.meta.url), 'utf8')

const codes = (text = ''): string[] => Array.from(text.matchAll(/`([^`]+)`/g), (m) => m[1] ?? '')

/** Request → its fields, as the page has them. */
const described = new Map(
  page.split('\n').flatMap((line) => {
    const [, request, fields] = /^\| `([^`]+)` \| ([^|]*) \|/.exec(line) ?? []
    return request === undefined ? [] : [[request, codes(fields)] as const]
  }),
)

describe('the page on requests', () => {
  it('has every request, in its table, and no other', () => {
    expect([...described.keys()]).toEqual(requests.map(({ verb }) => verb))
  })

  it.each(requests.map((one) => [one.verb, one] as const))(
    'has the fields of %s',
    async (verb, request) => {
      const answer = await request.answer({ quite_unknown: 1 }, {} as Affairs)
      const said = answer.ok ? '' : answer.problems.join('\n')
      const known = /unknown key; known here: (.*)$/m.exec(said)?.[1]?.split(', ') ?? []
      expect(known.filter((field) => field !== '')).toEqual(described.get(verb))
    },
  )

  it('shows answers that read as JSON', () => {
    const [, block = ''] = /```json\n([\s\S]*?)```/.exec(page) ?? []
    const answers = block.trim().split('\n')
    expect(answers.map((line) => JSON.parse(line).status)).toEqual(['ok', 'error'])
  })
})
