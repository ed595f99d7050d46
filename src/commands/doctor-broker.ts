import type { Clock } from '../clock.js'
import type { Configuration, EmbeddedBrokerConfig } from '../config/index.js'
import type { BrokerAccess, BrokerDoor, ConnectionEnd } from '../transport/index.js'
import { bindTrouble } from './bind-trouble.js'
import { type Answer, BrokerProbe } from './broker-probe.js'
import { type DoctorFinding, fail, fine, warn } from './doctor-finding.js'
import { ownTopics } from './own-topics.js'
import { OTHER_VERSION } from './visitor-door.js'
import { wayIn } from './way-in.js'

export interface BrokerLook {
  readonly door: (access: BrokerAccess, clientId: string, clock: Clock) => BrokerDoor
  readonly clock: Clock
  readonly timeoutMs: number
  /** Tells this run's messages from another's. */
  readonly nonce: string
}

export interface BrokerReport {
  readonly findings: readonly DoctorFinding[]
  /** Whether the bridge of this configuration says that it is online. */
  readonly isRunning: boolean
}

/** Comes in at the broker beside the bridge, and tries what the bridge needs there; leaves nothing behind. */
export async function brokerChecks(
  configuration: Configuration,
  look: BrokerLook,
): Promise<BrokerReport> {
  const { broker } = configuration
  if (broker.kind === 'embedded') {
    const taken = await bindTrouble(broker)
    if (taken !== 'EADDRINUSE') return { findings: [bindCheck(broker, taken)], isRunning: false }
  }
  const way = wayIn(configuration, { suffix: 'doctor', user: 'doctor' })
  if (typeof way === 'string') {
    const advice = 'so only whether its port is taken was looked at'
    return {
      findings: [warn('broker', `something listens there; ${way}`, advice)],
      isRunning: false,
    }
  }
  const certificates: string[] = []
  const access: BrokerAccess = {
    ...way.access,
    onCertificate: (_url, { validTo }) => certificates.push(validTo),
  }
  const connected = await connect(access, way.clientId, look)
  if (!connected.ok) return { findings: [refused(connected.end, broker.kind)], isRunning: false }
  const { probe, version } = connected
  try {
    const isRunning = await bridgeIsOnline(probe, configuration)
    const findings = [
      fine('broker', `${connected.address} takes us`),
      versionCheck(version, broker.kind),
      ...tlsChecks(certificates, access, look.clock),
      bridgeCheck(configuration, isRunning, broker.kind),
      ...(await sourceChecks(probe, configuration)),
      ...(await roundTrip(probe, configuration, look)),
    ]
    return { findings, isRunning }
  } finally {
    await probe.close()
  }
}

type Connected =
  | {
      readonly ok: true
      readonly probe: BrokerProbe
      readonly version: string
      readonly address: string
    }
  | { readonly ok: false; readonly end: ConnectionEnd }

/** Tries MQTT 5 first, as the bridge does, so that what was taken is known. */
async function connect(
  access: BrokerAccess,
  clientId: string,
  { door, clock, timeoutMs }: BrokerLook,
): Promise<Connected> {
  const versions =
    access.protocol && access.protocol !== 'auto' ? [access.protocol] : ['5', '3.1.1']
  let end: ConnectionEnd = { code: 'timeout', reason: 'no answer' }
  for (const version of versions) {
    // Each of its addresses in turn.
    const way = door({ ...access, protocol: version as '5' | '3.1.1' }, clientId, clock)
    for (const _url of access.urls) {
      const probe = new BrokerProbe(way, clock, timeoutMs)
      const refusal = await probe.connected()
      if (!refusal) return { ok: true, probe, version, address: way.address }
      end = refusal
      await probe.close()
    }
    // A wrong password is none the better for an older version, and too many of them lock a user out.
    if (!OTHER_VERSION.has(end.code)) break
  }
  return { ok: false, end }
}

function refused({ code, reason }: ConnectionEnd, kind: 'embedded' | 'external'): DoctorFinding {
  const isLogin = /^connack-(?:[45]|13[45])$/.test(code)
  if (isLogin)
    return fail('broker login', reason, 'check username and password_file, and its rules')
  const advice =
    kind === 'embedded'
      ? 'another program has the port of the embedded broker: choose another (broker.embedded.port)'
      : 'check broker.url, whether it runs, and the network between'
  return fail('broker', reason, advice)
}

function versionCheck(version: string, kind: 'embedded' | 'external'): DoctorFinding {
  const seen = `MQTT ${version}`
  if (version === '5') return fine('mqtt version', seen)
  if (kind === 'embedded') return fine('mqtt version', `${seen}, as the embedded broker does`)
  const advice =
    'it does: only user properties (key) and expiry are missing. Newer brokers speak MQTT 5'
  return warn('mqtt version', seen, advice)
}

const SOON_MS = 30 * 86_400_000

function tlsChecks(
  certificates: readonly string[],
  { urls, tls }: BrokerAccess,
  clock: Clock,
): DoctorFinding[] {
  const findings: DoctorFinding[] = []
  const open = urls.find(
    (url) => /^(?:mqtt|ws):/.test(url) && !/\/\/(?:localhost|127\.|\[::1\])/.test(url),
  )
  if (open !== undefined)
    findings.push(
      warn('encryption', `${open} is not encrypted`, 'use mqtts: where others share the network'),
    )
  const [validTo] = certificates
  if (validTo !== undefined) {
    const left = Date.parse(validTo) - clock.wall()
    const seen = `the certificate is good until ${validTo}`
    findings.push(
      left < SOON_MS ? warn('certificate', seen, 'renew it in time') : fine('certificate', seen),
    )
    if (tls?.insecure && !urls.every((url) => url.includes('127.0.0.1')))
      findings.push(
        warn('certificate', 'any is taken (tls.insecure)', 'name its authority: tls.ca'),
      )
  }
  return findings
}

async function bridgeIsOnline(probe: BrokerProbe, configuration: Configuration): Promise<boolean> {
  const { state } = ownTopics(configuration)
  const message = probe.next(({ topic }) => topic === state, 500)
  await probe.subscribe(state)
  const heard = await message
  probe.unsubscribe(state)
  return heard !== undefined && new TextDecoder().decode(heard.payload) === 'online'
}

function bridgeCheck(
  { bridge }: Configuration,
  isRunning: boolean,
  kind: 'embedded' | 'external',
): DoctorFinding {
  if (isRunning) return fine('bridge', `${bridge.id} is online: what it has open is left alone`)
  if (kind === 'external') return fine('bridge', 'does not run now')
  const advice = 'is another broker, such as Mosquitto, on this port? Then name it: broker.url'
  return fail(
    'bridge',
    'a broker has the port of the embedded one, and the bridge is not online',
    advice,
  )
}

/** Whether we may subscribe to what the devices publish: by asking, for no longer than it takes. */
async function sourceChecks(
  probe: BrokerProbe,
  { sources }: Configuration,
): Promise<DoctorFinding[]> {
  const findings: DoctorFinding[] = []
  for (const source of sources) {
    if (source.kind !== 'mqtt') continue
    const filter = source.topic.replaceAll('{device}', '+')
    const answer = await probe.subscribe(filter)
    probe.unsubscribe(filter)
    const check = `source ${source.topic}`
    const advice = 'let this user read it: topic read … in the access list of the broker'
    findings.push(
      answer.ok ? fine(check, 'may be subscribed') : fail(check, refusal(answer), advice),
    )
  }
  return findings
}

const refusal = (answer: Answer): string =>
  answer.ok ? '' : `the broker refuses: ${answer.reason}`

/** Sends itself a message below the base topic, and one that the broker keeps, and takes it away again. */
async function roundTrip(
  probe: BrokerProbe,
  configuration: Configuration,
  { clock, nonce }: BrokerLook,
): Promise<DoctorFinding[]> {
  const { baseTopic, broker } = configuration
  const topic = ownTopics(configuration).response('doctor')
  const payload = JSON.stringify({ status: 'ok', data: { doctor: nonce } })
  const message = { topic, payload, qos: 1, retain: false } as const
  const isOurs = (one: { readonly topic: string; readonly payload: Uint8Array }) =>
    one.topic === topic && new TextDecoder().decode(one.payload) === payload
  const rules = `let this user write and read ${baseTopic}/# in the access list of the broker`

  const subscribed = await probe.subscribe(topic)
  if (!subscribed.ok)
    return [fail('access', `${refusal(subscribed)} (subscribing ${topic})`, rules)]
  const before = clock.mono()
  const back = probe.next(isOurs)
  const published = await probe.publish(message)
  if (!published.ok) return [fail('access', `${refusal(published)} (publishing ${topic})`, rules)]
  // A broker of MQTT 3.1.1 cannot say no to a publication: it is silent.
  if (!(await back))
    return [fail('access', `what is published to ${topic} does not come back`, rules)]
  const took = clock.mono() - before
  const access = fine('access', `published to ${topic} and got it back after ${took.toFixed(1)} ms`)
  // There only the bridge, and users who are told so, may have something kept.
  if (broker.kind === 'embedded') return [access]
  return [access, await retained(probe, message, isOurs)]
}

async function retained(
  probe: BrokerProbe,
  message: { readonly topic: string; readonly payload: string; readonly qos: 1 },
  isOurs: (one: { readonly topic: string; readonly payload: Uint8Array }) => boolean,
): Promise<DoctorFinding> {
  const { topic } = message
  const first = probe.next(isOurs)
  await probe.publish({ ...message, retain: true })
  await first
  probe.unsubscribe(topic)
  const kept = probe.next((one) => one.retain && isOurs(one))
  await probe.subscribe(topic)
  const isKept = (await kept) !== undefined
  const cleared = await probe.publish({ topic, payload: '', qos: 1, retain: true })
  if (isKept && cleared.ok) return fine('retained messages', 'are kept, and cleared again')
  const advice =
    'status and availability live in retained messages: allow them (mosquitto: retain_available true); read bridge/snapshot else'
  return warn('retained messages', isKept ? 'cannot be cleared' : 'are not kept', advice)
}

function bindCheck(
  { host, port }: EmbeddedBrokerConfig,
  trouble: string | undefined,
): DoctorFinding {
  if (trouble === undefined) return fine('broker', `port ${port} is free for the embedded broker`)
  const advice =
    trouble === 'EACCES'
      ? 'ports below 1024 are for root: choose another (broker.embedded.port)'
      : 'choose an address of this machine (broker.embedded.host)'
  return fail('broker', `cannot listen on ${host}:${port}: ${trouble}`, advice)
}
