import { describe, expect, it } from 'vitest'
import { load, loaded, problemsOf, warningsOf } from './loading.js'

const pem = '-----BEGIN CERTIFICATE-----\nx\n'
const HASH = `scrypt:ln=14,r=8,p=1:${'A'.repeat(22)}==:${'B'.repeat(43)}=`
const secret = (text: string) => ({ text, mode: 0o600 })
const disk = {
  '/etc/gw/a.pw': secret('right\n'),
  '/etc/gw/b.pw': secret(`${HASH}\n`),
  '/etc/gw/s.pem': pem,
  '/etc/gw/s.key': secret(pem),
  '/etc/gw/ca.pem': pem,
}
const embedded = (keys: string) => `version: 1
sources: [{ mqtt: { topic: 'alec/{device}/frame' } }]
broker: { embedded: { ${keys} } }
`
const broker = (keys: string) => loaded(load(embedded(keys), {}, disk)).broker
const problems = (keys: string) => problemsOf(load(embedded(keys), {}, disk))

describe('the users of the embedded broker', () => {
  it('are devices of their names where nothing else is said', () => {
    expect(broker('users: [{ name: greenhouse-1, password_file: a.pw }], port: 0')).toEqual({
      kind: 'embedded',
      host: '127.0.0.1',
      port: 0,
      publishRate: { perSecond: 5000, burst: 10_000 },
      users: [
        {
          name: 'greenhouse-1',
          password: 'right',
          clientIds: ['greenhouse-1'],
          publish: ['alec/greenhouse-1/frame'],
          subscribe: ['alec/greenhouse-1/command'],
          forbidden: ['alec/bridge/request/#', 'alec/bridge/+/request/#'],
          admin: false,
          persistent: false,
        },
      ],
    })
  })

  it('may have hashes, other client ids, and rules of their own', () => {
    const text =
      'users: [{ name: dash.example, password_file: b.pw, client_ids: [dash-1, dash-2], subscribe: ["alec/#"], persistent: true }, { name: root, password_file: a.pw, admin: true }]'
    expect(broker(text)).toMatchObject({
      users: [
        {
          password: HASH,
          clientIds: ['dash-1', 'dash-2'],
          publish: [],
          subscribe: ['alec/#'],
          persistent: true,
        },
        { name: 'root', publish: [], subscribe: [], admin: true },
      ],
    })
  })

  it('may say who they are by a certificate alone, and be reached from elsewhere', () => {
    const tls = 'tls: { cert: s.pem, key: s.key, ca: ca.pem }'
    expect(broker(`host: 0.0.0.0, ${tls}, users: [{ name: n-1 }]`)).toMatchObject({
      host: '0.0.0.0',
      tls: { cert: pem, key: pem, ca: pem },
      users: [{ name: 'n-1' }],
    })
  })

  it('can be given their files by variables', () => {
    const outcome = load(
      embedded('users: [{ name: n-1 }]'),
      { ALEC_BRIDGE__BROKER__EMBEDDED__USERS__0__PASSWORD_FILE: '/etc/gw/a.pw' },
      disk,
    )
    expect(loaded(outcome).broker).toMatchObject({ users: [{ password: 'right' }] })
  })
})

describe('what is wrong with the embedded broker is told', () => {
  const local =
    'beyond this machine (127.0.0.1, ::1, localhost) the embedded broker needs tls and users'
  it.each<[fact: string, keys: string, ...found: string[]]>([
    [
      'other machines without TLS',
      'host: 0.0.0.0, users: [{ name: a, password_file: a.pw }]',
      local,
    ],
    ['other machines without users', 'host: 0.0.0.0, tls: { cert: s.pem, key: s.key }', local],
    ['no users at all', 'users: []', 'expected at least one user'],
    ['half a certificate', 'tls: { cert: s.pem }', 'broker.embedded.tls.key: missing'],
    [
      'certificates of nobody',
      'tls: { cert: s.pem, key: s.key, ca: ca.pem }',
      'needs users: the common name of a certificate is one',
    ],
    ['a user without proof', 'users: [{ name: a }]', 'how does this user say who it is?'],
    [
      'a user without a right',
      'users: [{ name: a.b, password_file: a.pw }]',
      'what may this user do?',
    ],
    [
      'an admin with rules',
      'users: [{ name: a, password_file: a.pw, admin: true, publish: [x] }]',
      'an admin may do everything',
    ],
    [
      'one name twice',
      'users: [{ name: a, password_file: a.pw }, { name: A, password_file: a.pw }]',
      'there is a user of this name already',
    ],
    [
      "another's client id",
      'users: [{ name: a, password_file: a.pw }, { name: b, password_file: a.pw, client_ids: [a] }]',
      'the client id a is that of user a already',
    ],
    [
      'filters that are none',
      'users: [{ name: a, password_file: a.pw, publish: ["x/#/y"], subscribe: ["$SYS/#", ""] }]',
      '# must be a whole level, and the last one',
      'topics that begin with $ belong to the broker',
      'it is empty',
    ],
    [
      'a file that is not there',
      'users: [{ name: a, password_file: no }]',
      'there is no such file',
    ],
  ])('%s', (_fact, keys, ...found) => {
    const said = problems(keys)
    expect(said.length).toBe(found.length)
    for (const [index, words] of found.entries()) expect(said[index]).toContain(words)
  })

  it.each([
    ['two lines', 'x\ny\n', 'the file has more than one line'],
    [
      'half a hash',
      'scrypt:ln=14,r=8,p=1:AAAA',
      'its scrypt: line is not as alec-bridge password makes it',
    ],
    ['a hash that nobody could pay', HASH.replace('14', '20'), 'its scrypt: line'],
    ['nothing', '\n', 'the file is empty'],
  ])('a password file with %s, and never what is in it', (_fact, text, words) => {
    const files = { ...disk, '/etc/gw/c.pw': secret(text) }
    const said = problemsOf(load(embedded('users: [{ name: a, password_file: c.pw }]'), {}, files))
    expect(said).toEqual([expect.stringContaining(words)])
    expect(said[0]).not.toContain('AAAA')
  })
})

describe('what is doubtful about the embedded broker is told', () => {
  it.each([
    [
      'a user who could forge readings',
      'users: [{ name: a, password_file: a.pw, publish: ["alec/#"] }]',
      'can publish what only the bridge should',
    ],
    [
      'a key that others may read',
      'tls: { cert: s.pem, key: s.pem }',
      'other users may open this file (mode 0644): chmod 600 it',
    ],
  ])('%s', (_fact, keys, words) => {
    expect(warningsOf(load(embedded(keys), {}, disk))).toEqual([expect.stringContaining(words)])
  })
})
