import { mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { parse, stringify } from 'yaml'
import { SCRYPT_LINE } from '../../src/password-line.js'
import type { LineLog } from '../e2e/line-log.js'
import { fixedTerminal } from '../e2e/running-bridge.js'
import { onLine } from '../e2e/sensor-node.js'
import { TestAuthority, withoutOpenssl } from '../support/certificates.js'
import { freePort } from '../support/free-port.js'
import { withoutMosquitto } from '../support/mosquitto.js'
import { Page, ROOT } from '../support/page.js'
import { commandsIn, Reader } from '../support/reader.js'

/** The beginning of a command → the test that runs it with real parts of its own, and what shows in it that it does. */
const TYPED_ELSEWHERE = new Map<string, readonly [file: string, mark: string]>([
  ['npm start', ['test/e2e/demo.test.ts', "'demo'"]],
  ['sudo install', ['test/deployment/service-unit.test.ts', 'UNIT']],
  ['npx alec-bridge init --port', ['test/e2e/init.test.ts', "'init', '--port'"]],
  ['npx alec-bridge init --broker', ['test/commands/init.test.ts', 'broker:']],
  ['npx alec-bridge context export', ['test/commands/context.test.ts', 'export']],
  ['npx alec-bridge context import', ['test/commands/context.test.ts', 'importIt']],
  ['npx alec-bridge run -c bench.yaml', ['test/e2e/capture.test.ts', 'replay']],
  ['npx alec-bridge replay field.txt -c bench.yaml', ['test/e2e/capture.test.ts', 'replay']],
  ['npx alec-bridge sim', ['test/e2e/sim.test.ts', "'sim'"]],
  ['(umask 077; openssl rand', ['test/deployment/dashboard-docs.test.ts', 'shell(made']],
  ['curl -s -X POST', ['test/deployment/dashboard-docs.test.ts', "'/api/requests/'"]],
  ['curl -sN', ['test/deployment/dashboard-docs.test.ts', "'/api/feed'"]],
  ['curl -s http', ['test/deployment/monitoring-docs.test.ts', 'curl -s']],
  ['curl -s -H', ['test/deployment/monitoring-docs.test.ts', 'curl -s']],
  ["mosquitto_sub -v -t 'homeassistant/", ['test/e2e/discovery.test.ts', "'mosquitto_sub'"]],
])

/** The beginning of a command → why no test runs it. */
const NOT_TYPED = new Map([
  ['npm run setup', 'it installs what this test runs with'],
  ['npm run build', 'it makes what this test runs'],
  ['sudo systemctl', 'it needs a machine that systemd has started'],
  ['sudo usermod', 'it changes the users of the machine'],
  ['npm run soak', 'it takes hours'],
  ['npm run stress', 'it takes minutes of a whole machine'],
  ['npm run bench', 'it takes minutes of a whole machine'],
])

/** Pages of which `tasks.test.ts` types every block, from the first to the last. */
const FOLLOWED = ['docs/chirpstack-to-home-assistant.md', 'docs/uart-node.md']

const START_MS = 30_000
/** What is before the payload of a message, as `mosquitto_sub -v` prints it. */
const payloadOf = (line = ''): Record<string, unknown> =>
  JSON.parse(line.slice(line.indexOf(' ') + 1))

describe.skipIf(withoutMosquitto())('who types what is shown', () => {
  it('uses every tool beside a running bridge', { timeout: 120_000 }, async () => {
    const readme = new Page('README.md')
    const terminal = fixedTerminal()
    const node = onLine('greenhouse-1', terminal)
    const port = await freePort()
    const reader = new Reader(port)
    const site = parse(readme.block('yaml', 'yaml-language-server'))
    site.sources[0].serial.path = terminal.path
    site.sources.push({ mqtt: { topic: 'alec/{device}/frame' } })
    site.devices['shed-1'] = { model: 'climate' }
    reader.put(
      'alec-bridge.yaml',
      stringify({ ...site, broker: { embedded: { port } }, state_dir: './state' }),
    )
    const well = async (line: string, own?: (shown: string) => string) => {
      const program = reader.types(line, own)
      expect(await program.ended(START_MS), `${line}\n${program.stderr.text}`).toBe(0)
      return program.stdout.text
    }
    const C = '-c alec-bridge.yaml'
    await well(`npx alec-bridge check ${C}`)
    const bridge = reader.types(`npx alec-bridge run ${C}`)
    await bridge.stdout.until('its start', ({ text }) => text.includes('bridge started'), START_MS)
    node.run()

    const readings = await reader.listens("mosquitto_sub -p 1883 -v -t 'alec/+/readings'")
    await readings.stdout.until('a reading', ({ text }) => text.includes('"seq"'))
    const all = await reader.listens("mosquitto_sub -v -t 'alec/#'     # in a second terminal")
    await well(commandIn(readme, 'mosquitto_pub -t alec/shed-1/frame'))
    await all.stdout.until('a reading', ({ text }) => text.includes('alec/shed-1/readings'))
    const status = reader.types("mosquitto_sub -v -t 'alec/+/status' -W 2")
    await status.stdout.until('a status', ({ text }) => text.includes('alec/greenhouse-1/status'))

    expect(await well(commandIn(readme, 'decode -c'))).toContain('"verdict":"readings"')
    expect(await well(commandIn(readme, 'explain -c'))).toContain('temperature')
    await well(`npx alec-bridge healthcheck ${C}`)
    await well(`npx alec-bridge monitor ${C} --once --filter unhealthy`)
    const monitor = reader.types(`npx alec-bridge monitor ${C}`)
    await monitor.stdout.until('a device', ({ text }) => text.includes('greenhouse-1'))
    const tap = reader.types(`npx alec-bridge tap greenhouse-1 ${C}`)
    await tap.stdout.until('a reading', ({ text }) => text.includes('temperature'))

    const capture = reader.types(`npx alec-bridge capture field.txt ${C} --for 1h`)
    await capture.stderr.until('that it listens', ({ text }) => text !== '', START_MS)
    await well(commandIn(readme, 'mosquitto_pub -t alec/shed-1/frame'))
    const captured = () => readFileSync(join(reader.directory, 'field.txt'), 'utf8')
    await expect.poll(captured).toContain('a1000000000f41ab')
    capture.kill()
    expect(await well(`npx alec-bridge replay field.txt ${C} --decode`)).toContain('shed-1')
    await well(`npx alec-bridge clean ${C} --dry-run`)
    await well(`npx alec-bridge clean ${C} --yes`)

    const [listening = '', ...asking] = commandsIn(
      new Page('docs/requests.md').blocks('sh').join(''),
    )
    const answers = await reader.listens(listening)
    for (const line of asking) await well(line)
    await answers.stdout.until('the last answer', ({ text }) => text.includes('"transaction":1'))
    expect(Reader.heard(answers).map((line) => payloadOf(line).status)).toEqual(['ok', 'ok'])

    mkdirSync(join(reader.directory, '.local/share/bash-completion/completions'), {
      recursive: true,
    })
    await well(commandIn(readme, 'completion bash'))
    const completion = '.local/share/bash-completion/completions/alec-bridge'
    expect(readFileSync(join(reader.directory, completion), 'utf8')).toContain('complete ')

    // What it remembers is its own for as long as it runs.
    process.kill(-bridge.pid, 'SIGTERM')
    await bridge.ended()
    expect(await well(`npx alec-bridge context show greenhouse-1 ${C}`)).toContain('temperature')
  })

  it.skipIf(withoutOpenssl())('makes a password and a fingerprint', async () => {
    const readme = new Page('README.md')
    const authority = new TestAuthority()
    onTestFinished(() => authority.remove())
    const reader = new Reader(1)
    reader.put('broker.pem', authority.issue({ commonName: 'broker' }).cert)
    const made = reader.types(commandIn(readme, 'alec-bridge password'))
    expect(await made.ended(START_MS)).toBe(0)
    const line = readFileSync(join(reader.directory, 'greenhouse-1.password'), 'utf8')
    expect(line.trim()).toMatch(SCRYPT_LINE)
    const pin = reader.types(commandIn(readme, 'openssl x509'))
    expect(await pin.ended()).toBe(0)
    expect(pin.stdout.text).toMatch(/^[\w+/]{43}=\n$/)
  })

  it('plays the other fleets', { timeout: 60_000 }, async () => {
    const lines = commandsIn(new Page('README.md').block('sh', 'demo --scenario'))
    expect(lines).toHaveLength(3)
    const reader = new Reader(1)
    symlinkSync(join(ROOT, 'config'), join(reader.directory, 'config'))
    await Promise.all(
      lines.map(async (line) => {
        const demo = reader.types(line, (shown) => `${shown} --json --broker-port 0`)
        const isReading = ({ text }: LineLog) => text.includes('/readings"')
        await demo.stdout.until(`a reading of ${line}`, isReading, START_MS)
      }),
    )
  })

  it('finds nothing that is shown and that no test types', () => {
    const pages = [
      'README.md',
      'SECURITY.md',
      ...readdirSync(join(ROOT, 'docs'))
        .filter((name) => name.endsWith('.md'))
        .map((name) => `docs/${name}`),
    ]
    const commandsOf = (path: string) => new Page(path).blocks('sh').flatMap(commandsIn)
    const shown = pages.flatMap(commandsOf)
    const typed = new Set([...Reader.typed, ...FOLLOWED.flatMap(commandsOf)])
    const elsewhere = [...TYPED_ELSEWHERE.keys(), ...NOT_TYPED.keys()]
    const isTyped = (line: string) =>
      typed.has(line) || elsewhere.some((one) => line.startsWith(one))
    expect(shown.filter((line) => !isTyped(line))).toEqual([])
    expect(elsewhere.filter((one) => !shown.some((line) => line.startsWith(one)))).toEqual([])
    for (const [line, [file, mark]] of TYPED_ELSEWHERE)
      expect(readFileSync(join(ROOT, file), 'utf8'), `${file}: ${line}`).toContain(mark)
  })
})

/** The one command of a page that holds `mark`. */
function commandIn(page: Page, mark: string): string {
  const [found = '', ...others] = page
    .blocks('sh')
    .flatMap(commandsIn)
    .filter((line) => line.includes(mark))
  if (found === '' || others.length > 0) throw new Error(`${page.path}: not one ${mark}`)
  return found
}
