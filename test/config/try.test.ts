import { expect, it } from 'vitest'
import { jsonSchemaText, loadConfiguration, formatProblem } from '../../src/config/index.js'
import { load, problemsOf, warningsOf } from './loading.js'
it('x', () => {
  console.log(jsonSchemaText())
  for (const t of ['['.repeat(1e5), 'a: &a [x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: [*e,*e,*e]', 'a: &a [*a]', 'a: *b', 'a: !x 1\nb: "x\n', 'version: 1\n__proto__: 5', '? [1]\n: 2', '%YAML 1.1\n---\nversion: 1',
   'version: 1\n---\nx: 1', Array.from({length:200},(_,i)=>`a${i}: &a${i} [${i?`*a${i-1}`:''}]`).join('\n')]) { const s=performance.now(); console.log(problemsOf(load(t)).slice(0,5).join('\n'), (performance.now()-s).toFixed(0)) }
  const many = `version: 1\nmodels: { m: { frames: compact, channels: [{ name: t, quantity: temperature }] } }\nsources: [{ mqtt: { topic: 'alec/{device}/frame' } }]\ndevices:\n${Array.from({length:10000},(_,i)=>`  d-${i}: { model: m, name: D ${i} }`).join('\n')}\n`
  const s=performance.now(); const o = load(many); console.log(o.ok, (performance.now()-s).toFixed(0), 'ms for 10000 devices', many.length)
  expect(1).toBe(1)
})
