import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { endsWithUs } from '../test/support/ends-with-us.js'
import { rounded } from './figures.js'
import { machine } from './machine.js'
import { catalogue, untested } from './report/catalogue.js'
import { documentOf, type Result, type Results } from './report/document.js'
import { type Promised, promises } from './report/promises.js'

/**
 * Puts every promise to the test, one after the other, and writes docs/reliability.md. Results of earlier runs stay until
 * their script is run again. `npm run report [-- --short] [-- --only NAME]…`
 */
const { values } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true },
    /** Writes the document from the results that are there. */
    'no-run': { type: 'boolean', default: false },
  },
})
const root = fileURLToPath(new URL('../../', import.meta.url))
const docs = join(root, 'docs')
const json = join(docs, 'reliability.json')
mkdirSync(docs, { recursive: true })
let results: Results = existsSync(json) ? JSON.parse(readFileSync(json, 'utf8')) : {}

for (const promised of promises) {
  if (values['no-run'] || (values.only && !values.only.includes(promised.name))) continue
  process.stderr.write(`${promised.name} …\n`)
  const result = await run(promised, values.short ? 'short' : 'full')
  process.stderr.write(
    `${promised.name}: ${result.ok ? 'held' : `FAILED (${result.failures[0]})`} in ${result.tookS} s\n`,
  )
  if (!result.ok) process.exitCode = 1
  // What the long form has shown the short one does not replace.
  if (values.short && results[promised.name]?.form === 'full') continue
  results = { ...results, [promised.name]: result }
  write()
}
write()

function write(): void {
  writeFileSync(json, `${JSON.stringify(results, null, 2)}\n`)
  writeFileSync(
    join(docs, 'reliability.md'),
    documentOf(promises, results, catalogue(root), untested),
  )
}

/** Runs a script to its end, or to its limit of time. */
async function run(promised: Promised, form: 'full' | 'short'): Promise<Result> {
  const args = [...promised.script, ...(form === 'short' ? promised.short : promised.long)]
  const began = performance.now()
  const load = rounded(loadavg()[0] ?? Number.NaN, 1)
  const at = new Date().toISOString()
  const { code, signal, out, err } = await outputOf(args, promised.limitMinutes)
  const figures = figuresIn(out)
  const why = signal ? [`not over after ${promised.limitMinutes} minutes`] : err
  const broken = code === 0 ? [] : why.length > 0 ? why : [`ended with ${code}`]
  const failures = [...broken, ...(promised.against?.(figures) ?? [])]
  return {
    command: `node ${args.join(' ')}`,
    ok: failures.length === 0,
    form,
    load,
    at,
    tookS: Math.round((performance.now() - began) / 1000),
    machine: machine(),
    figures,
    failures: failures.slice(0, 5),
  }
}

interface Output {
  readonly code: number | null
  readonly signal: string | null
  readonly out: string
  /** Lines. */
  readonly err: readonly string[]
}

function outputOf(args: readonly string[], limitMinutes: number): Promise<Output> {
  return new Promise((resolve) => {
    // A group of its own: what it has started ends with it.
    const child = spawn(process.execPath, args, { cwd: root, detached: true })
    const end = () => {
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL')
    }
    const limit = setTimeout(end, limitMinutes * 60_000)
    const forget = endsWithUs(child, 'group')
    let out = ''
    let err = ''
    child.stdout.on('data', (chunk) => {
      out += String(chunk)
    })
    child.stderr.on('data', (chunk) => {
      err += String(chunk)
    })
    child.once('close', (code, signal) => {
      clearTimeout(limit)
      forget()
      resolve({ code, signal, out, err: err.split('\n').filter(Boolean) })
    })
  })
}

/** The JSON document that a script printed, or else its last line. */
function figuresIn(out: string): Readonly<Record<string, unknown>> {
  const last = out.trim().split('\n').at(-1) ?? ''
  try {
    const document: unknown = JSON.parse(last)
    if (typeof document === 'object' && document !== null) return flat({ ...document })
  } catch {
    // It prints for people.
  }
  return { result: last }
}

/** `{ ms: { p50: 1 } }` as `{ 'ms.p50': 1 }`, and the counts of a test run by their short names; lists stay. */
function flat(document: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  if ('numPassedTests' in document) {
    return { passed: document.numPassedTests, failed: document.numFailedTests }
  }
  return Object.fromEntries(
    Object.entries(document).flatMap(([name, value]) =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.entries(value).map(([inner, one]) => [`${name}.${inner}`, one])
        : [[name, value]],
    ),
  )
}
