// Makes the page of its sources: one script, the codec's apart from it, one style sheet, and nothing from elsewhere.
import { copyFileSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const here = fileURLToPath(new URL('.', import.meta.url))
const outdir = fileURLToPath(new URL('../../dist/src/page/', import.meta.url))

// Parts of an earlier bundle have other names.
rmSync(outdir, { recursive: true, force: true })
await build({
  entryPoints: [
    { in: `${here}main.tsx`, out: 'page' },
    { in: `${here}page.css`, out: 'page' },
  ],
  outdir,
  bundle: true,
  splitting: true,
  format: 'esm',
  target: ['es2022'],
  jsx: 'automatic',
  jsxImportSource: 'preact',
  minify: true,
  legalComments: 'none',
  logLevel: 'warning',
})
copyFileSync(`${here}index.html`, `${outdir}index.html`)
