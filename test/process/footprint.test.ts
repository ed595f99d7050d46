import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { BridgeProcess } from '../faults/bridge-process.js'
import { temporaryDirectory } from '../support/temporary-directory.js'

/** What keeps a list of the modules that a process reads. */
const recorder = (list: string) => `
import { appendFileSync } from 'node:fs'
export async function load(url, context, next) {
  appendFileSync(${JSON.stringify(list)}, url + '\\n')
  return next(url, context)
}`

/** Starts a bridge; the result tells what modules it has read so far. */
async function bridgeWith(sections: object): Promise<() => string> {
  const directory = temporaryDirectory('alec-footprint-')
  const [list, hook] = [join(directory, 'list.txt'), join(directory, 'hook.mjs')]
  writeFileSync(hook, recorder(list))
  await startWith(
    directory,
    sections,
    `import { register } from 'node:module'; register('file://${hook}')`,
  )
  return () => readFileSync(list, 'utf8')
}

/** Starts a bridge whose process runs `first` before anything else. */
async function startWith(
  directory: string,
  sections: object,
  first: string,
  nodeArgs: readonly string[] = [],
): Promise<void> {
  const bridge = new BridgeProcess(
    directory,
    {
      version: 1,
      bridge: { id: 'gw-small' },
      models: {
        node: {
          frames: 'compact',
          channels: [{ name: 'temperature', quantity: 'temperature', resolution: 0.1 }],
        },
      },
      sources: [{ mqtt: { topic: 'alec/{device}/frame' } }],
      devices: { a: { model: 'node' } },
      ...sections,
    },
    [],
    [...nodeArgs, '--import', `data:text/javascript,${encodeURIComponent(first)}`],
  )
  onTestFinished(async () => void (await bridge.end('SIGKILL')))
  await bridge.start()
}

/** MiB that the engine has for what is new, once a bridge has started by itself. */
async function youngHeapMiB(nodeArgs: readonly string[] = []): Promise<number> {
  const directory = temporaryDirectory('alec-footprint-')
  const file = join(directory, 'young.txt')
  const tell = `
import { writeFileSync } from 'node:fs'
import { getHeapSpaceStatistics } from 'node:v8'
const young = () => getHeapSpaceStatistics().find((space) => space.space_name === 'new_space')
setInterval(() => writeFileSync('${file}', String(young().space_size / 2 ** 20)), 20).unref()`
  await startWith(directory, { broker: { url: 'mqtt://127.0.0.1:1' } }, tell, nodeArgs)
  return Number(readFileSync(file, 'utf8'))
}

describe('what a bridge reads at its start', () => {
  it('is no broker, no serial port, no window, no simulation and no other verb, where it needs none', async () => {
    const read = await bridgeWith({ broker: { url: 'mqtt://127.0.0.1:1' } })
    const modules = read()
    expect(modules).toContain('/node_modules/mqtt/')
    const needless =
      /\/node_modules\/(?:aedes|serialport|hono|prom-client)\/|\/firmware-sim\/|\/src\/(?:http|explanation)\/|\/commands\/(?:demo|sim|decode)\.js/
    expect(modules.split('\n').filter((url) => needless.test(url))).toEqual([])
  })

  it('is what it needs all the same', async () => {
    const read = await bridgeWith({
      broker: { embedded: { port: 0 } },
      sources: [{ serial: { path: '/dev/null', device: 'a' } }],
    })
    expect(read()).toContain('/node_modules/aedes/')
    await vi.waitFor(() => expect(read()).toContain('/node_modules/serialport/'))
  })
})

describe('the heap for what is new', () => {
  it('is kept small where a bridge is started by hand', async () => {
    expect(await youngHeapMiB()).toBeLessThanOrEqual(4)
  })

  it('is as somebody wants it who says so', async () => {
    expect(await youngHeapMiB(['--min-semi-space-size=8'])).toBeGreaterThan(4)
  })
})

/**
 * MiB that the engine lets lie of 130 MiB of garbage that was not new any more, beside 34 MiB that is needed (a twelfth of a MiB
 * for each of the `pieces`), where a bridge with so many devices runs.
 */
async function garbageMiB(
  devices: number,
  nodeArgs: readonly string[] = [],
  then = '',
  pieces = 400,
): Promise<number> {
  const program = `
import ${built('small-heap')}
import { letHeapGrow, letHeapRest } from ${built('heap-growth')}
letHeapGrow(${devices})
${then}
const kept = []
let most = 0
const piece = () => Array.from({ length: 2048 }, (_, n) => ({ n }))
for (let n = 0; n < ${pieces}; n++) kept.push(piece())
const all = process.memoryUsage().heapUsed
for (let n = 0; n < 1600; n++) {
  kept[n % ${pieces}] = piece()
  most = Math.max(most, process.memoryUsage().heapUsed)
}
process.stdout.write(String((most - all) / 2 ** 20))`
  const args = [...nodeArgs, '--input-type=module', '--eval', program]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  return Number(stdout)
}

const built = (module: string): string =>
  JSON.stringify(new URL(`../../dist/src/${module}.js`, import.meta.url))

describe('the heap for what stays', () => {
  it('holds a quarter of garbage in a large fleet, and what comes while that is collected', async () => {
    expect(await garbageMiB(100_000)).toBeLessThan(30)
  })

  it('holds less in a huge one, once everything has been said of it', async () => {
    const garbage = (then: string) => garbageMiB(100_000, [], then, 1000)
    const [before, after] = [await garbage(''), await garbage('letHeapRest(100_000)')]
    expect(after).toBeLessThan(before - 4)
  })

  it('may hold what the engine lets it hold in a small one', async () => {
    expect(await garbageMiB(100)).toBeGreaterThan(30)
  })

  it('is as somebody wants it who says so', async () => {
    expect(await garbageMiB(100_000, ['--heap-growing-percent=300'])).toBeGreaterThan(45)
  })
})
