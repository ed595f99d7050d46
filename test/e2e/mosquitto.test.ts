import { describe, expect, it, onTestFinished } from 'vitest'
import { Mosquitto, withoutMosquitto } from '../support/mosquitto.js'
import type { Observer, Seen } from '../transport/observer.js'
import { Program } from './program.js'
import { doorState, fixedTerminal, latest, observe, runBridge } from './running-bridge.js'
import { goodOnes, onBroker, onLine, type Reading, readingsOf } from './sensor-node.js'

const STATE = 'alec/bridge/state'
/** Every topic that a bridge with the devices `cellar` and `shed` keeps retained. */
const RETAINED = [
  ...['info', 'devices', 'status', 'snapshot'].map((leaf) => `alec/bridge/${leaf}`),
  ...['cellar', 'shed'].flatMap((id) =>
    ['availability', 'status', 'status/health', 'status/circuit'].map(
      (leaf) => `alec/${id}/${leaf}`,
    ),
  ),
]

async function startMosquitto(): Promise<Mosquitto> {
  const broker = await Mosquitto.start()
  onTestFinished(() => broker.stop())
  return broker
}

/** A bridge at work: one node on a pseudo-terminal, one on the broker, an observer that came before it. */
async function startSite() {
  const broker = await startMosquitto()
  const observer = await observe(broker.url, 'alec/#')
  const terminal = fixedTerminal()
  const cellar = onLine('cellar', terminal)
  const shed = await onBroker('shed', (await observe(broker.url)).client)
  const bridge = runBridge({
    brokerUrl: broker.url,
    lines: { cellar: terminal.path },
    overMqtt: ['shed'],
  })
  await doorState(bridge, `serial:${terminal.path}`, 'open')
  await observer.until(() => latest(observer, STATE) === 'online')
  return { broker, observer, cellar, shed, bridge }
}

const mosquittoSub = (broker: Mosquitto, ...args: string[]): Program =>
  Program.other('mosquitto_sub', ['-p', String(broker.port), '-i', 'ears', '-v', ...args])

/** What a birth brought, from the first message after `from` up to and with `online`. */
function birthSince(observer: Observer, from: number): readonly Seen[] {
  const messages = observer.seen.slice(from)
  const online = messages.findIndex(({ topic, payload }) => topic === STATE && payload === 'online')
  return messages.slice(0, online + 1)
}

describe.skipIf(withoutMosquitto())('alec-bridge run with a real Mosquitto', () => {
  it('lets mosquitto_sub see the readings of a node on a pseudo-terminal and of one on MQTT', async () => {
    const { broker, cellar, shed } = await startSite()
    const sub = mosquittoSub(broker, '-t', 'alec/+/readings', '-t', STATE)
    // What is retained comes once it has subscribed.
    await sub.stdout.until('a subscription', ({ text }) => text.includes(`${STATE} online`))
    const readings = (id: string): Reading[] =>
      sub.stdout.lines.flatMap(({ text }) =>
        text.startsWith(`alec/${id}/readings {`) ? [JSON.parse(text.slice(text.indexOf('{')))] : [],
      )
    for (let n = 1; n <= 5; n++) {
      cellar.send()
      shed.send()
      await sub.stdout.until(`${n} readings of each`, () =>
        ['cellar', 'shed'].every((id) => readings(id).length === n),
      )
    }
    for (const node of [cellar, shed]) {
      expect(readings(node.id).map(({ seq }) => seq)).toEqual([0, 1, 2, 3, 4])
      expect(goodOnes(node, readings(node.id))).toHaveLength(5)
    }
  })

  it('gives who subscribes later every retained topic', async () => {
    const { broker, observer, cellar, shed } = await startSite()
    cellar.send()
    shed.send()
    const ids = ['cellar', 'shed']
    await observer.until(() =>
      ids.every((id) => latest(observer, `alec/${id}/availability`) === 'online'),
    )
    const sub = mosquittoSub(broker, '-t', 'alec/#', '--retained-only')
    const all = [...RETAINED, STATE]
    await sub.stdout.until('every retained topic', ({ lines }) =>
      all.every((topic) => lines.some(({ text }) => text.startsWith(`${topic} `))),
    )
    const payloadOf = (topic: string) =>
      sub.stdout.lines
        .find(({ text }) => text.startsWith(`${topic} `))
        ?.text.slice(topic.length + 1) ?? ''
    expect(payloadOf(STATE)).toBe('online')
    for (const id of ids) {
      expect(payloadOf(`alec/${id}/availability`)).toBe('online')
      expect(payloadOf(`alec/${id}/status/circuit`)).toBe('closed')
      const status = JSON.parse(payloadOf(`alec/${id}/status`))
      expect(status).toMatchObject({ bridge: 'gw-test', circuit: 'closed', ttl: 60 })
      expect(status.health).toBe(payloadOf(`alec/${id}/status/health`))
    }
    // Readings and events are for those who listen: nothing else may stay on the broker.
    const topics = sub.stdout.lines.map(({ text }) => text.slice(0, text.indexOf(' ')))
    expect(topics.toSorted()).toEqual(all.toSorted())
  })

  it('F-39: says online last at its first connect, after all that is retained', async () => {
    const { observer } = await startSite()
    const topics = birthSince(observer, 0).map(({ topic }) => topic)
    expect(topics.at(-1)).toBe(STATE)
    expect(topics.slice(0, -1).toSorted()).toEqual(RETAINED.toSorted())
  })

  it('F-39: is offline by its last will when it is killed', async () => {
    const { broker, observer, bridge } = await startSite()
    bridge.signal('SIGKILL')
    expect(await bridge.ended()).toBe('SIGKILL')
    await observer.until(() => latest(observer, STATE) === 'offline')
    const later = await observe(broker.url, STATE)
    await later.until((seen) => seen.length > 0)
    expect(later.seen).toMatchObject([{ payload: 'offline', retain: true }])
  })

  it('F-39: takes back what it said of its devices before it was killed, and only then is online', async () => {
    const { broker, observer, shed, bridge } = await startSite()
    shed.send()
    await observer.until(() => latest(observer, 'alec/shed/availability') === 'online')
    bridge.signal('SIGKILL')
    await observer.until(() => latest(observer, STATE) === 'offline')
    const before = observer.seen.length
    runBridge({ brokerUrl: broker.url, overMqtt: ['shed'] })
    await observer.until(() => birthSince(observer, before).length > 0)
    expect(birthSince(observer, before)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ topic: 'alec/shed/availability', payload: 'offline' }),
        expect.objectContaining({ topic: 'alec/shed/status/health', payload: 'unknown' }),
      ]),
    )
  })

  it('says offline itself when it is stopped', async () => {
    const { observer, bridge } = await startSite()
    bridge.signal('SIGTERM')
    expect(await bridge.ended(5000)).toBe(0)
    await observer.until(() => latest(observer, STATE) === 'offline')
    expect(observer.seen.at(-1)?.topic).toBe(STATE)
  })

  it('F-24, F-26: brings everything back after the broker was restarted and had forgotten all', async () => {
    const { broker, observer, cellar, shed, bridge } = await startSite()
    cellar.send()
    shed.send()
    // What the broker had taken but not acknowledged comes twice, under the same number.
    const seqs = (id: string) => [...new Set(readingsOf(observer, id).map(({ seq }) => seq))]
    await observer.until(() => seqs('cellar').length === 1 && seqs('shed').length === 1)

    await broker.kill()
    await bridge.stdout.until('the broker is away', ({ documents }) =>
      documents.some(({ broker: url, kind }) => url === broker.url && kind === 'away'),
    )
    // Nobody there to tell: they have to wait.
    for (let n = 0; n < 3; n++) cellar.send()
    // The observer is to be back first: what is said before nobody can check.
    process.kill(bridge.pid, 'SIGSTOP')
    await broker.restart()
    await observer.client.publishAsync('alec/probe', 'back', { qos: 1, retain: true })
    await observer.until(() => latest(observer, 'alec/probe') === 'back')
    const before = observer.seen.length
    process.kill(bridge.pid, 'SIGCONT')
    await observer.until(() => birthSince(observer, before).length > 0)
    await observer.until(() => seqs('cellar').length === 4)

    const birth = birthSince(observer, before)
    const topics = birth.map(({ topic }) => topic)
    expect(topics.slice(0, -1).toSorted()).toEqual(RETAINED.toSorted())
    // Live, not what the broker had kept: so the order is the bridge's.
    expect(birth.filter(({ retain }) => retain)).toEqual([])

    for (const node of [cellar, shed]) {
      node.run()
      await observer.until(() => goodOnes(node, readingsOf(observer, node.id)).length > 4)
    }
    const cellarSeqs = seqs('cellar')
    expect(cellarSeqs).toEqual(cellarSeqs.map((_, n) => n))

    const later = await observe(broker.url, 'alec/#')
    await later.until(() => [...RETAINED, STATE].every((topic) => latest(later, topic) !== ''))
    expect(bridge.isRunning).toBe(true)
  })
})
