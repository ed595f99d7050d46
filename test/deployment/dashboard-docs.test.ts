import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { viewsOf } from '../../src/commands/run.js'
import type { Configuration } from '../../src/config/index.js'
import { trailLimits } from '../../src/http/feed/trail.js'
import { openedWindow } from '../http/opened-window.js'
import { bridgeOnScriptedDoor } from '../process/bridge-on-scripted-door.js'
import { Page, ROOT } from '../support/page.js'
import { shell } from '../support/shell.js'
import { temporaryDirectory } from '../support/temporary-directory.js'
import { withoutProgram } from '../support/without-program.js'

const page = new Page('docs/dashboard.md')
const BASE = 'http://127.0.0.1:8080'
const NAMES = ['http-token', 'http-admin-token']

/** A bridge with the device of the page, and its window; what the page shows is run against it. */
async function shownBridge(adminToken?: string) {
  let read: Configuration | undefined
  const load = () => {
    if (!read) throw new Error('too early')
    return { ok: true, configuration: read, warnings: [] } as const
  }
  const rig = await bridgeOnScriptedDoor(['greenhouse-1'], { load })
  read = rig.configuration
  await rig.connect()
  const views = viewsOf(rig.bridge)
  return { ...rig, ...(await openedWindow(adminToken === undefined ? {} : { adminToken }, views)) }
}

describe('docs/dashboard.md', () => {
  it.skipIf(withoutProgram('openssl', 'openssl'))(
    'makes tokens that the bridge takes',
    async () => {
      const directory = temporaryDirectory('alec-docs-')
      mkdirSync(join(directory, 'etc'))
      const tokens = await Promise.all(
        NAMES.map(async (name) => {
          const made = page.block('sh', `/${name}`).replaceAll('/etc/alec-bridge', './etc')
          expect(await shell(made, { cwd: directory })).toMatchObject({ code: 0 })
          const file = join(directory, 'etc', name)
          expect(statSync(file).mode & 0o777).toBe(0o600)
          return readFileSync(file, 'utf8')
        }),
      )
      for (const token of tokens) expect(token).toMatch(/^[!-~]{20,512}\n$/)
      expect(new Set(tokens).size).toBe(2)
    },
  )

  it.skipIf(withoutProgram('curl', 'curl'))(
    'shows requests that are done, and what is answered',
    async () => {
      const token = 'a-token-for-whoever-acts'
      const { base, bridge } = await shownBridge(token)
      const directory = temporaryDirectory('alec-docs-')
      writeFileSync(join(directory, 'admin-token'), `${token}\n`)
      const script = page.block('sh', '/api/requests/').replaceAll(BASE, base)
      const { code, stdout } = await shell(script, { cwd: directory })
      expect(code).toBe(0)
      const answers = stdout
        .replaceAll('}{', '}\n{')
        .split('\n')
        .map((line) => JSON.parse(line))
      expect(answers).toEqual([
        JSON.parse(page.block('json', 'circuit_opened')),
        expect.objectContaining({ status: 'ok' }),
      ])
      expect(bridge.fleet.session('greenhouse-1')?.status().circuit).toBe('open')
    },
  )

  it.skipIf(withoutProgram('curl', 'curl'))('shows feeds that tell what it says', async () => {
    const { base } = await shownBridge()
    const lines = page.block('sh', '/api/feed').trim().split('\n')
    expect(lines).toHaveLength(2)
    const outcomes = await Promise.all(
      lines.map((line) =>
        // They have no end: curl is to leave after a moment, and says so with 28.
        shell(`${line.replace(BASE, base)} --max-time 1`, { cwd: ROOT }),
      ),
    )
    expect(outcomes.map(({ code }) => code)).toEqual([28, 28])
    const [fleet, device] = outcomes.map(({ stdout }) =>
      Array.from(stdout.matchAll(/^event: (\w+)$/gm), ([, name]) => name),
    )
    expect(fleet).toEqual(expect.arrayContaining(['bridge', 'rows', 'ready']))
    expect(device?.[0]).toBe('device')
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
