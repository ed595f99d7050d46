import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { machine } from './machine.js'
import { catalogue } from './report/catalogue.js'
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
  if (!existsSync(join(root, 'dist/bench', `${promised.script}.js`))) continue
  process.stderr.write(`${promised.name} …\n`)
  const result = await run(promised, values.short)
  process.stderr.write(`${promised.name}: ${result.ok ? 'held' : 'FAILED'} in ${result.tookS} s\n`)
  results = { ...results, [promised.name]: result }
  write()
}
write()
process.exitCode = Object.values(results).every(({ ok }) => ok) ? 0 : 1

function write(): void {
  writeFileSync(json, `${JSON.stringify(results, null, 2)}\n`)
  writeFileSync(join(docs, 'reliability.md'), documentOf(promises, results, catalogue(root)))
}

/** Runs a script to its end, or to its limit of time. */
function run({ script, long, short, limitMinutes }: Promised, isShort: boolean): Promise<Result> {
  const args = isShort ? short : long
  const began = performance.now()
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [`dist/bench/${script}.js`, ...args], { cwd: root })
    const limit = setTimeout(() => child.kill('SIGKILL'), limitMinutes * 60_000)
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
      const figures = figuresIn(out)
      const why = signal ? [`ended after ${limitMinutes} minutes`] : err.split('\n').filter(Boolean)
      resolve({
        command: `node dist/bench/${script}.js ${args.join(' ')}`.trim(),
        ok: code === 0,
        at: new Date().toISOString(),
        tookS: Math.round((performance.now() - began) / 1000),
        machine: machine(),
        figures,
        failures: code === 0 ? [] : why.slice(0, 5),
      })
    })
  })
}

/** The JSON document that a script printed, or else its last line. */
function figuresIn(out: string): Readonly<Record<string, unknown>> {
  const last = out.trim().split('\n').at(-1) ?? ''
  try {
    const document: unknown = JSON.parse(last)
    if (typeof document === 'object' && document !== null) return { ...document }
  } catch {
    // It prints for people.
  }
  return { result: last }
}
