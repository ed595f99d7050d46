import { describe, expect, it } from 'vitest'
import { viewsOf } from '../../src/commands/run.js'
import { Watch } from '../../src/http/feed/watch.js'
import { nameOf } from '../../src/http/metrics/family.js'
import { Metrics } from '../../src/http/metrics/metrics.js'
import { everyFamily } from '../http/every-family.js'
import { answerTo, noRefusals, openedWindow } from '../http/opened-window.js'
import { bridgeOnScriptedDoor } from '../process/bridge-on-scripted-door.js'
import { codes, Page } from '../support/page.js'

const page = new Page('docs/monitoring.md')

describe('docs/monitoring.md', () => {
  it('has every metric in its table, as it is', () => {
    const documented = page
      .table('metric | type | labels | meaning')
      .map(([name = '', type, labels = '', meaning]) => [
        codes(name)[0],
        type,
        codes(labels),
        meaning,
      ])
    const known = everyFamily().map((family) => [
      nameOf(family),
      family.type,
      family.labels ?? [],
      family.help,
    ])
    expect(documented).toEqual(known)
  })

  it('shows requests that are answered', async () => {
    const shown = page
      .blocks('sh')
      .flatMap((text) => text.split('\n'))
      .flatMap((line) => {
        const [, header, path] =
          /^curl -s (?:-H "([^"]+)" )?http:\/\/127\.0\.0\.1:8080(\/\w+)$/.exec(line) ?? []
        if (line !== '' && path === undefined) throw new Error(`is no request: ${line}`)
        return path === undefined ? [] : [{ header, path }]
      })
    expect(shown.map(({ path }) => path)).toEqual(['/livez', '/readyz', '/metrics', '/metrics'])
    const token = 'a-token-for-prometheus'
    const config = { token: 'a-token-for-everything', metrics: { token, devices: 1000 } }
    const rig = await bridgeOnScriptedDoor(['a'])
    const { base } = await openedWindow(config, viewsOf(rig.bridge))
    const answers = await Promise.all(
      shown.map(({ header, path }) => {
        const [name = '', value = ''] =
          header?.replace('$(cat metrics-token)', token).split(': ') ?? []
        return answerTo(base, path, header === undefined ? {} : { [name]: value })
      }),
    )
    // Nothing has been reported yet, and without a token nobody sees the metrics of this one.
    expect(answers.map(({ status }) => status)).toEqual([200, 503, 401, 200])
  })

  it('shows reasons as they are given', () => {
    const [shown = ''] = codes(page.text).filter((code) => code.startsWith('{"status"'))
    expect(JSON.parse(shown)).toEqual({
      status: 'not ready',
      reasons: [{ component: 'broker', message: '…' }],
    })
  })

  it('says how large a scrape of a thousand devices is', async () => {
    const ids = Array.from({ length: 1000 }, (_, n) => `device-${n}`)
    const rig = await bridgeOnScriptedDoor(ids)
    const views = viewsOf(rig.bridge)
    const metrics = new Metrics({
      views,
      watch: new Watch(1000),
      devices: 1000,
      refusals: noRefusals(),
      startedAt: 0,
    })
    const kilobytes = (await metrics.text()).length / 1000
    const [, said] = /a scrape of 1000 devices is (\d+) kB/.exec(page.text) ?? []
    expect(Math.abs(kilobytes - Number(said)) / kilobytes).toBeLessThan(0.1)
  })
})
