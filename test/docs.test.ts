import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, normalize } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { jsonSchemaText } from '../src/config/index.js'
import { load, problemsOf, warningsOf } from './config/loading.js'
import { Page, ROOT } from './support/page.js'
import { shownCommands, unknownOptions } from './support/shown-commands.js'

/** The README, and every page beside it: whoever adds one need not add it here. */
const pages = [
  'README.md',
  'SECURITY.md',
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
].map((path) => new Page(path))

const sections = Object.keys(JSON.parse(jsonSchemaText()).properties)
const scripts = Object.keys(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).scripts)

/** Secrets and certificates that a shown configuration names, beside it. */
const filesIn = (yaml: string) =>
  Object.fromEntries(
    Array.from(yaml.matchAll(/(\w+_file|cert|key|ca): ([\w./-]+)/g), ([, key = '', name = '']) => [
      name.startsWith('/') ? name : `/etc/gw/${name}`,
      {
        text: key.endsWith('_file') ? 'a-secret-of-some-length\n' : '-----BEGIN CERTIFICATE-----\n',
        mode: 0o600,
      },
    ]),
  )

/** Configurations of the bridge, or parts of one. */
const configurationsIn = (page: Page) =>
  page.blocks('yaml').filter((text) => {
    const document: unknown = parse(text)
    return (
      typeof document === 'object' &&
      document !== null &&
      // Scenarios of the simulated fleet have devices, too.
      !('links' in document) &&
      Object.keys(document).some((key) => sections.includes(key))
    )
  })

describe.each(pages.map((page) => [page.path, page] as const))('%s', (path, page) => {
  it('leads only to files and headings that are there', () => {
    const lost = page.links.filter(({ file, anchor }) => {
      const target = file === '' ? path : normalize(join(path, '..', file))
      if (!existsSync(join(ROOT, target))) return true
      return anchor !== '' && target.endsWith('.md') && !new Page(target).anchors.includes(anchor)
    })
    expect(lost).toEqual([])
  })

  it('shows verbs, options and scripts that there are', async () => {
    expect(await unknownOptions(shownCommands(page.commandLines))).toEqual([])
    const run = page.commandLines.flatMap(
      (line) => /^npm (?:run (?:--\w+ )?([a-z]+)|(start|test)\b)/.exec(line)?.slice(1) ?? [],
    )
    expect(run.filter((script) => script && !scripts.includes(script))).toEqual([])
  })

  it('shows configurations that are right, or parts of them', () => {
    for (const yaml of configurationsIn(page)) {
      const isWhole = /^version:/m.test(yaml)
      const outcome = load(isWhole ? yaml : `version: 1\n${yaml}`, {}, filesIn(yaml))
      expect(problemsOf(outcome), yaml).toEqual([])
      if (isWhole) expect(warningsOf(outcome), yaml).toEqual([])
    }
  })

  it('shows JSON that reads', () => {
    for (const document of page.blocks('json').flatMap((text) => text.split(/\n(?=\{)/)))
      expect(() => JSON.parse(document), document).not.toThrow()
  })
})

it('every page is led to from the README or from a page that is', () => {
  const reached = new Set(['README.md'])
  for (const path of reached) {
    const page = pages.find((one) => one.path === path)
    for (const { file } of page?.links ?? []) reached.add(normalize(join(path, '..', file)))
  }
  const lost = pages.map(({ path }) => path).filter((path) => !reached.has(path))
  // Who reports a hole looks for this one by its name.
  expect(lost.filter((path) => path !== 'SECURITY.md')).toEqual([])
})
