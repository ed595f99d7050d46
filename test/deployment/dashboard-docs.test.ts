import { statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { trailLimits } from '../../src/http/feed/trail.js'
import { openedWindow, TOKEN } from '../http/opened-window.js'
import { Page, ROOT } from '../support/page.js'

const page = new Page('docs/dashboard.md')

describe('docs/dashboard.md', () => {
  it('shows feeds that there are', async () => {
    const { ask } = await openedWindow({ token: TOKEN })
    const paths = page
      .block('sh', 'curl')
      .trim()
      .split('\n')
      .map((line) => /^curl -sN http:\/\/127\.0\.0\.1:8080(\/\S+)$/.exec(line)?.[1] ?? line)
    expect(paths).toHaveLength(2)
    for (const path of paths) expect(await ask(path), path).toMatchObject({ status: 401 })
  })

  it('says how much is remembered', () => {
    expect(page.text).toContain('up to 2000 readings and 120 frames of each')
    expect(trailLimits(1)).toMatchObject({ historyBytes: 16 * 2 ** 20, frames: 120 })
  })

  it.each(['docs/dashboard.png', 'docs/dashboard-device.png'])(
    'has a picture of at most 200 KiB: %s',
    (path) => {
      expect(statSync(join(ROOT, path)).size).toBeLessThanOrEqual(200 * 1024)
    },
  )
})
