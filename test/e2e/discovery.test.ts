import { describe, expect, it, onTestFinished } from 'vitest'
import { brokenRules } from '../outputs/home-assistant-rules.js'
import { Mosquitto, withoutMosquitto } from '../support/mosquitto.js'
import { Page } from '../support/page.js'
import { Program } from './program.js'
import { latest, observe, runBridge } from './running-bridge.js'
import { onBroker } from './sensor-node.js'

const STATE = 'alec/bridge/state'
const configOf = (id: string): string => `homeassistant/device/alec_${id}/config`
/** A process has to start, and to listen first. */
const LIMIT_MS = 20_000
const STRANGER = { origin: { name: 'somebody' }, device: { identifiers: ['x'] }, components: {} }

async function startMosquitto(): Promise<Mosquitto> {
  const broker = await Mosquitto.start()
  onTestFinished(() => broker.stop())
  return broker
}

const runSite = (broker: Mosquitto, ids: readonly string[], homeassistant: object = {}) =>
  runBridge({ brokerUrl: broker.url, overMqtt: ids, sections: { homeassistant } })

/** What `mosquitto_sub` finds retained, by topic. */
async function retainedOn(broker: Mosquitto): Promise<ReadonlyMap<string, string>> {
  const args = ['-p', String(broker.port), '-v', '-t', '#', '--retained-only', '-W', '1']
  const sub = Program.other('mosquitto_sub', args)
  await sub.ended()
  return new Map(
    sub.stdout.lines.map(({ text }) => {
      const end = text.indexOf(' ')
      return [text.slice(0, end), text.slice(end + 1)]
    }),
  )
}

describe.skipIf(withoutMosquitto())('Home Assistant on a real Mosquitto', () => {
  it('finds every device and the bridge, by payloads that obey its rules, and again when it has started', async () => {
    const broker = await startMosquitto()
    const observer = await observe(broker.url, 'homeassistant/#', 'alec/#')
    const shed = await onBroker('shed', (await observe(broker.url)).client)
    runSite(broker, ['cellar', 'shed'])
    await observer.until(() => latest(observer, STATE) === 'online', LIMIT_MS)
    // Whoever hears that the bridge is there knows what it has.
    const told = observer.topics.filter(
      (topic) => !topic.startsWith('alec/bridge/s') || topic === STATE,
    )
    const at = (topic: string) => told.indexOf(topic)
    expect(told).toContain('alec/bridge/info')
    expect(at('alec/bridge/info')).toBeLessThan(at(configOf('bridge')))
    expect(at(configOf('bridge'))).toBeLessThan(at(configOf('cellar')))
    expect(at(configOf('shed'))).toBeLessThan(at('alec/cellar/availability'))
    expect(at('alec/shed/status')).toBeLessThan(at(STATE))
    shed.send()
    // Once it was heard there is a time to show.
    await observer.until(() => latest(observer, configOf('shed')).includes('status_last_seen'))
    for (const { topic, payload } of observer.seen) {
      if (topic.startsWith('homeassistant/')) expect(brokenRules(topic, payload)).toEqual([])
    }
    const { state_topic, availability, components } = JSON.parse(latest(observer, configOf('shed')))
    const shown = [
      state_topic,
      ...availability.map(({ topic }: { topic: string }) => topic),
      ...Object.values<{ state_topic?: string }>(components).flatMap(
        ({ state_topic: own }) => own ?? [],
      ),
    ]
    // Nothing is announced that the bridge does not publish.
    expect(shown.filter((topic) => latest(observer, topic) === '')).toEqual([])

    // The page shows how to see them.
    const [program = '', ...shownArgs] = new Page('docs/home-assistant.md')
      .block('sh', 'mosquitto_sub')
      .trim()
      .replaceAll("'", '')
      .split(' ')
    const sub = Program.other(program, [...shownArgs, '-p', String(broker.port)])
    await sub.ended()
    const found = sub.stdout.lines.map(({ text }) => text.slice(0, text.indexOf(' ')))
    expect(found.sort()).toEqual(['bridge', 'cellar', 'shed'].map(configOf))

    const before = observer.seen.length
    await observer.publish('homeassistant/status', 'online')
    const toldSince = () => observer.seen.slice(before).map(({ topic }) => topic)
    // Not at once: it leaves up to five seconds to chance.
    await observer.until(
      () => ['bridge', 'cellar', 'shed'].every((id) => toldSince().includes(configOf(id))),
      LIMIT_MS,
    )

    // One that comes and goes by requests, and one that gets another id.
    const ask = (verb: string, document: object) =>
      observer.publish(`alec/bridge/request/device/${verb}`, JSON.stringify(document))
    await ask('add', { device: 'barn', model: 'climate' })
    await observer.until(() => latest(observer, configOf('barn')) !== '', LIMIT_MS)
    await ask('rename', { device: 'shed', to: 'stable' })
    await observer.until(() => latest(observer, configOf('stable')) !== '', LIMIT_MS)
    await ask('remove', { device: 'barn' })
    const gone = ['barn', 'shed']
    await observer.until(() => gone.every((id) => latest(observer, configOf(id)) === ''), LIMIT_MS)
    const left = [...(await retainedOn(broker)).keys()]
    expect(left.filter((topic) => /barn|shed/.test(topic))).toEqual([])
    expect(left).toContain(configOf('stable'))
  }, 60_000)

  it('has nothing left of a device that was taken out, nor of any where it is turned off, and all of others', async () => {
    const broker = await startMosquitto()
    const observer = await observe(broker.url, '#')
    await observer.publish(configOf('bathroom'), JSON.stringify(STRANGER), { retain: true })
    const first = runSite(broker, ['cellar', 'shed', 'bathroom'])
    await observer.until(() => latest(observer, configOf('cellar')) !== '', LIMIT_MS)
    first.signal('SIGTERM')
    expect(await first.ended()).toBe(0)
    expect(latest(observer, 'alec/cellar/status')).not.toBe('')

    const second = runSite(broker, ['shed'])
    await observer.until(() => latest(observer, configOf('cellar')) === '', LIMIT_MS)
    await observer.until(() => latest(observer, STATE) === 'online')
    const left = await retainedOn(broker)
    expect([...left.keys()].filter((topic) => topic.includes('cellar'))).toEqual([])
    expect([...left.keys()].filter((topic) => topic.includes('shed'))).toHaveLength(5)
    expect(left.get(configOf('bathroom'))).toBe(JSON.stringify(STRANGER))

    second.signal('SIGTERM')
    await second.ended()
    runSite(broker, ['shed'], { enabled: false })
    await observer.until(
      () => ['bridge', 'shed'].every((id) => latest(observer, configOf(id)) === ''),
      LIMIT_MS,
    )
    const taken = [...(await retainedOn(broker)).keys()]
    expect(taken.filter((topic) => topic.startsWith('homeassistant/'))).toEqual([
      configOf('bathroom'),
    ])
    expect(taken).toContain('alec/shed/status')
  }, 60_000)
})
