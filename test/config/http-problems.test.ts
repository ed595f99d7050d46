import { describe, expect, it } from 'vitest'
import { load, loaded, problemsOf, warningsOf } from './loading.js'

const pem = '-----BEGIN CERTIFICATE-----\nx\n'
const TOKEN = 'correct-horse-battery-staple'
const SCRAPE = 'a-token-for-prometheus'
const ADMIN = 'another-token-for-whoever-acts'
const disk = {
  '/etc/gw/admin': { text: `${ADMIN}\n`, mode: 0o600 },
  '/etc/gw/scrape': { text: `${SCRAPE}\n`, mode: 0o600 },
  '/etc/gw/token': { text: `${TOKEN}\n`, mode: 0o600 },
  '/etc/gw/open': { text: TOKEN, mode: 0o644 },
  '/etc/gw/short': { text: 'secret', mode: 0o600 },
  '/etc/gw/two': { text: `${TOKEN}\n${TOKEN}\n`, mode: 0o600 },
  '/etc/gw/s.pem': pem,
  '/etc/gw/s.key': { text: pem, mode: 0o600 },
}
const written = (keys: string) => `version: 1
sources: [{ mqtt: { topic: 'alec/{device}/frame' } }]
${keys}
`
const outcome = (keys: string) => load(written(keys), {}, disk)
const TLS = 'tls: { cert: s.pem, key: s.key }'

describe('the window', () => {
  it.each(['', 'http:'])('is not there where nobody asks for it: %j', (keys) => {
    expect(loaded(outcome(keys)).http).toBeUndefined()
  })

  it('is for this machine alone where nothing else is said', () => {
    expect(loaded(outcome('http: {}')).http).toEqual({
      host: '127.0.0.1',
      port: 8080,
      metrics: { devices: 1000 },
      names: ['gw-1.example', 'gw-1', 'gw-1.local'],
    })
  })

  it('may be reached from elsewhere with TLS and a token', () => {
    const metrics = 'metrics: { token_file: scrape, devices: 50 }'
    const keys = `http: { host: 0.0.0.0, port: 443, ${TLS}, token_file: token, hosts: [Farm.example], ${metrics} }`
    expect(loaded(outcome(keys)).http).toEqual({
      host: '0.0.0.0',
      port: 443,
      tls: { cert: pem, key: pem },
      token: TOKEN,
      metrics: { token: SCRAPE, devices: 50 },
      names: ['gw-1.example', 'gw-1', 'gw-1.local', 'farm.example'],
    })
    expect(warningsOf(outcome(keys))).toEqual([])
  })

  it('may have things done for who shows another token', () => {
    const { http } = loaded(outcome('http: { token_file: token, admin_token_file: admin }'))
    expect(http).toMatchObject({ token: TOKEN, adminToken: ADMIN })
    expect(loaded(outcome('http: { admin_token_file: admin }')).http).not.toHaveProperty('token')
  })

  it('says where others may read the token', () => {
    expect(warningsOf(outcome('http: { token_file: open }'))).toEqual([
      expect.stringContaining('http.token_file: other users may open this file (mode 0644)'),
    ])
  })
})

describe('what is wrong with the window is told', () => {
  const local =
    'beyond this machine (127.0.0.1, ::1, localhost) the dashboard needs tls and token_file'
  it.each<[fact: string, keys: string, ...found: string[]]>([
    ['other machines without TLS', 'host: 0.0.0.0, token_file: token', local],
    ['other machines without a token', `host: gw-1.example, ${TLS}`, local],
    ['a token that can be guessed', 'token_file: short', 'a token is 20 to 512 printable'],
    ['two tokens', 'token_file: two', 'the file has more than one line'],
    ['a token that is not there', 'token_file: no', 'there is no such file'],
    [
      'a token of the metrics that can be guessed',
      'token_file: token, metrics: { token_file: short }',
      'http.metrics.token_file: a token is 20 to 512 printable',
    ],
    [
      'a token of the metrics where nobody else needs one',
      'metrics: { token_file: scrape }',
      'http.metrics.token_file: without http.token_file everybody on this machine sees',
    ],
    [
      'a token for acting that is that for looking',
      'token_file: token, admin_token_file: token',
      'http.admin_token_file: whoever may look would act with this token',
    ],
    [
      'a token for acting that is that for the metrics',
      'token_file: token, admin_token_file: scrape, metrics: { token_file: scrape }',
      'http.admin_token_file: whoever may look would act with this token',
    ],
    [
      'other machines with a token for acting alone',
      `host: 0.0.0.0, ${TLS}, admin_token_file: admin`,
      local,
    ],
    ['half a certificate', 'tls: { cert: s.pem }', 'http.tls.key: missing'],
    ['no certificate', 'tls: { cert: token, key: s.key }', 'this file is not PEM'],
    ['a name with a port', 'hosts: ["gw-1:8080"]', 'expected a host name'],
    ['a typing mistake', 'prot: 8080', 'did you mean port?'],
  ])('%s', (_fact, keys, ...found) => {
    const said = problemsOf(outcome(`http: { ${keys} }`))
    expect(said.length).toBe(found.length)
    for (const [index, words] of found.entries()) expect(said[index]).toContain(words)
    expect(said.join()).not.toContain(TOKEN)
  })
})
