import { describe, expect, it } from 'vitest'
import { viewsOf } from '../../src/commands/run.js'
import type { HttpConfig } from '../../src/config/configuration.js'
import { MeasuredNode } from '../faults/measured-node.js'
import { bridgeOnScriptedDoor } from '../process/bridge-on-scripted-door.js'
import { Scrape } from '../support/prometheus-text.js'
import { openedWindow, TOKEN } from './opened-window.js'

const ADMIN = 'another-token-for-whoever-acts'
const OPEN = '/api/requests/circuit/open'
const JSON_TYPE = { 'content-type': 'application/json' }
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
const bearer = (token: string) => ({ ...JSON_TYPE, authorization: `Bearer ${token}` })
const SHED = JSON.stringify({ device: 'shed' })

/** A whole bridge of two devices with its window, on a broker that the test plays. */
async function actingWindow(config: Partial<HttpConfig> = { adminToken: ADMIN }) {
  const rig = await bridgeOnScriptedDoor(['shed', 'attic'])
  await rig.connect()
  const views = viewsOf(rig.bridge)
  const window = await openedWindow(config, views)
  const circuitOf = (id: string) => rig.bridge.fleet.session(id)?.status().circuit
  const act = async (path: string, headers: object, body = SHED) => {
    const { status, text, ...rest } = await window.ask(path, { ...headers }, body)
    return { status, said: text.startsWith('{') ? JSON.parse(text) : text, headers: rest.headers }
  }
  const logIn = async (token: string) => {
    const answer = await window.ask('/login', FORM, `token=${token}`)
    return (answer.headers['set-cookie']?.[0] ?? '').split(';')[0] ?? ''
  }
  return { ...rig, ...window, audit: rig.log, views, circuitOf, act, logIn }
}

describe('a request over HTTP', () => {
  it('does what the same request does over MQTT, and answers the same', async () => {
    const { act, circuitOf, input, output } = await actingWindow()
    input.last.receives({
      topic: 'alec/shed/frame',
      payload: new MeasuredNode('shed').next(),
      qos: 0,
    })
    const opened = await act(OPEN, bearer(ADMIN), '{"device":"shed","transaction":"t-1"}')
    expect(opened).toMatchObject({
      status: 200,
      said: {
        status: 'ok',
        data: { device: 'shed', events: ['circuit_opened'] },
        transaction: 't-1',
      },
    })
    expect(circuitOf('shed')).toBe('open')
    output.last.receives({
      topic: 'alec/bridge/request/circuit/open',
      payload: Buffer.from('{"device":"attic","transaction":"t-1"}'),
      qos: 1,
    })
    const answered = () =>
      output.last.published.find(({ topic }) => topic.endsWith('/response/circuit/open'))
    await expect.poll(answered).toBeDefined()
    expect(circuitOf('attic')).toBe('open')
    expect(JSON.parse(String(answered()?.payload))).toEqual({
      ...opened.said,
      data: { ...opened.said.data, device: 'attic' },
    })
  })

  it.each([
    [
      'of which something is wrong',
      OPEN,
      '{"device":"shet"}',
      422,
      /no device shet; did you mean shed/,
    ],
    ['with a field that there is not', OPEN, '{"devise":"shed"}', 422, /devise: unknown key/],
    ['that is no JSON', OPEN, '{', 422, /expected a JSON object .*, got no JSON/],
    ['that there is not', '/api/requests/circuit/opn', SHED, 404, /did you mean circuit\/open/],
  ])('%s is refused with the reason', async (_fact, path, body, status, error) => {
    const { act, circuitOf } = await actingWindow()
    expect(await act(path, bearer(ADMIN), body)).toMatchObject({
      status,
      said: { status: 'error', error: expect.stringMatching(error) },
    })
    expect(circuitOf('shed')).toBe('closed')
  })

  it('without a body is as one of an empty map', async () => {
    const { act } = await actingWindow()
    expect(await act('/api/requests/info', bearer(ADMIN), '')).toMatchObject({
      status: 200,
      said: { status: 'ok', data: { id: 'gw-1', devices: 2 } },
    })
  })

  it('may be as long as one over MQTT, and no longer', async () => {
    const { act } = await actingWindow()
    const long = (length: number) => JSON.stringify({ device: 'x'.repeat(length) })
    expect(await act(OPEN, bearer(ADMIN), long(100_000))).toMatchObject({ status: 422 })
    expect(await act(OPEN, bearer(ADMIN), long(300_000))).toMatchObject({ status: 413 })
  })

  it('is one of at most fifty at once; those over MQTT are not among them', async () => {
    const { act, output, views } = await actingWindow()
    for (let n = 0; n < 60; n++)
      output.last.receives({ topic: 'alec/bridge/request/health', payload: Buffer.of(), qos: 1 })
    const outcomes: number[] = []
    for (let n = 0; n < 52; n++)
      outcomes.push((await act('/api/requests/health', bearer(ADMIN), '')).status)
    expect(outcomes).toEqual([...Array(50).fill(200), 429, 429])
    const tally = Array.from(views.requests.tally()).filter(({ verb }) => verb === 'health')
    expect(tally).toEqual([
      { verb: 'health', outcome: 'ok', count: 100 },
      { verb: 'health', outcome: 'error', count: 0 },
      { verb: 'health', outcome: 'limited', count: 12 },
    ])
  })

  it('stands in the log with who asked, what for, and what came of it', async () => {
    const { act, audit } = await actingWindow()
    await act(OPEN, bearer(ADMIN))
    await act(OPEN, bearer(ADMIN), '{"device":"shet"}')
    const facts = { part: 'requests', request: 'circuit/open', over: 'http', from: '127.0.0.1' }
    expect(audit.filter(([message]) => message.startsWith('request '))).toEqual([
      ['request done', { ...facts, input: { device: 'shed' } }],
      [
        'request refused',
        {
          ...facts,
          input: { device: 'shet' },
          problems: [expect.stringContaining('no device shet')],
        },
      ],
    ])
  })
})

describe('nothing is done for', () => {
  const both = { token: TOKEN, adminToken: ADMIN }
  it.each<[string, Partial<HttpConfig>, object, number, string]>([
    ['anybody, where there is no admin token', {}, JSON_TYPE, 403, 'there is no http.admin_token'],
    ['who may look, where there is none', { token: TOKEN }, bearer(TOKEN), 403, 'there is no http'],
    ['who shows nothing', { adminToken: ADMIN }, JSON_TYPE, 401, 'a token is needed'],
    ['who shows a wrong token', { adminToken: ADMIN }, bearer('wrong'), 401, 'wrong token'],
    ['who shows the token for looking', both, bearer(TOKEN), 403, 'this token may only look'],
    [
      'who shows the token for the metrics',
      { ...both, metrics: { token: 'a-token-for-prometheus', devices: 1 } },
      bearer('a-token-for-prometheus'),
      401,
      'wrong token',
    ],
    [
      'a page of another site',
      { adminToken: ADMIN },
      { ...bearer(ADMIN), origin: 'http://evil.example' },
      403,
      'a page of another site may not',
    ],
    [
      'another name of this machine',
      { adminToken: ADMIN },
      { ...bearer(ADMIN), host: 'evil.example' },
      421,
      'not one of http.hosts',
    ],
    [
      'what a form of another page can send',
      { adminToken: ADMIN },
      { ...bearer(ADMIN), 'content-type': 'text/plain' },
      415,
      'Content-Type: application/json is needed',
    ],
  ])('%s', async (_whom, config, headers, status, words) => {
    const { act, circuitOf } = await actingWindow(config)
    const answer = await act(OPEN, headers)
    expect(answer.status).toBe(status)
    expect(JSON.stringify(answer.said)).toContain(words)
    expect(circuitOf('shed')).toBe('closed')
  })

  it('a session of one who may look, or one whose request no page of ours makes', async () => {
    const { act, logIn, base, circuitOf } = await actingWindow(both)
    const origin = base
    const looking = { ...JSON_TYPE, cookie: await logIn(TOKEN), origin }
    expect(await act(OPEN, looking)).toMatchObject({
      status: 403,
      said: 'this token may only look\n',
    })
    const acting = { ...JSON_TYPE, cookie: await logIn(ADMIN) }
    expect(await act(OPEN, acting)).toMatchObject({
      status: 403,
      said: { error: expect.stringContaining('a session acts only for pages of this bridge') },
    })
    const neighbour = { ...acting, origin: 'http://127.0.0.1:9' }
    expect(await act(OPEN, neighbour)).toMatchObject({ status: 403 })
    expect(await act(OPEN, { ...acting, 'sec-fetch-site': 'same-site' })).toMatchObject({
      status: 403,
    })
    expect(circuitOf('shed')).toBe('closed')
    expect(await act(OPEN, { ...acting, origin })).toMatchObject({ status: 200 })
    expect(circuitOf('shed')).toBe('open')
  })

  it('who guesses: ten tries, then one in six seconds, of whatever token', async () => {
    const { act, circuitOf } = await actingWindow(both)
    for (let n = 0; n < 10; n++) expect((await act(OPEN, bearer(`wrong-${n}`))).status).toBe(401)
    expect(await act(OPEN, bearer(ADMIN))).toMatchObject({
      status: 429,
      headers: { 'retry-after': '60' },
    })
    expect(circuitOf('shed')).toBe('closed')
  })
})

describe('a session', () => {
  it.each([
    ['never', {}, undefined],
    ['after-login', { adminToken: ADMIN }, undefined],
    ['after-login', { token: TOKEN, adminToken: ADMIN }, TOKEN],
    ['now', { token: TOKEN, adminToken: ADMIN }, ADMIN],
    ['now', { adminToken: ADMIN }, ADMIN],
  ] as const)('says whether it acts: %s', async (acting, config, token) => {
    const { ask, logIn } = await actingWindow(config)
    const cookie = token === undefined ? '' : await logIn(token)
    const answer = await ask('/api/session', { cookie })
    expect(answer).toMatchObject({ status: 200, text: JSON.stringify({ acting }) })
  })

  it('that acts holds for twelve hours, and one that looks for thirty days', async () => {
    const { ask } = await actingWindow({ token: TOKEN, adminToken: ADMIN })
    const ageOf = async (token: string) =>
      /Max-Age=(\d+)/.exec(
        (await ask('/login', FORM, `token=${token}`)).headers['set-cookie']?.[0] ?? '',
      )?.[1]
    expect(await ageOf(ADMIN)).toBe(String(12 * 3600))
    expect(await ageOf(TOKEN)).toBe(String(30 * 86_400))
  })
})

it('the metrics count what was asked for, and who was not let in', async () => {
  const { act, ask } = await actingWindow({ token: TOKEN, adminToken: ADMIN })
  await act(OPEN, bearer(ADMIN))
  await act(OPEN, bearer(ADMIN), '{"device":"shet"}')
  await act('/api/requests/no/such', bearer(ADMIN))
  await act(OPEN, bearer('wrong'))
  await act(OPEN, bearer(TOKEN))
  await act(OPEN, { ...bearer(ADMIN), origin: 'http://evil.example' })
  const { text } = await ask('/metrics', { authorization: `Bearer ${TOKEN}` })
  const found = new Scrape(text)
  const asked = (verb: string, outcome: string) =>
    found.sum('alec_bridge_requests_total', { verb, outcome })
  expect(asked('circuit/open', 'ok')).toBe(1)
  expect(asked('circuit/open', 'error')).toBe(1)
  expect(asked('unknown', 'error')).toBe(1)
  expect(found.sum('alec_bridge_requests_total')).toBe(3)
  const refused = (reason: string) => found.sum('alec_bridge_http_refused_total', { reason })
  expect(refused('token')).toBe(1)
  expect(refused('not-admin')).toBe(1)
  expect(refused('cross-site')).toBe(1)
  expect(found.sum('alec_bridge_http_refused_total')).toBe(3)
})
