import { describe, expect, it } from 'vitest'
import { load, loaded, problemsOf, warningsOf } from './loading.js'

const broker = (keys: string) => `version: 1
broker: { url: mqtts://h, username: u, ${keys} }
sources: [{ mqtt: { topic: 'alec/{device}/frame' } }]
`
const pem = '-----BEGIN CERTIFICATE-----\nx\n'

describe('a password', () => {
  it('is the content of its file, without the line end', () => {
    const text = broker('password_file: secrets/mqtt')
    const disk = { '/etc/gw/secrets/mqtt': { text: 'p w\n', mode: 0o600 } }
    const outcome = load(text, {}, disk)
    expect(loaded(outcome).broker).toMatchObject({ username: 'u', password: 'p w' })
    expect(warningsOf(outcome)).toEqual([])
  })

  it('can be named by a variable, from where the program was started', () => {
    const env = { ALEC_BRIDGE__BROKER__PASSWORD_FILE: '/run/secrets/mqtt' }
    const outcome = load(broker('client_id: c'), env, {
      '/run/secrets/mqtt': { text: 'pw', mode: 0o400 },
    })
    expect(loaded(outcome).broker).toMatchObject({ password: 'pw' })
  })

  it('in a file that others may read is warned of', () => {
    const outcome = load(
      broker('password_file: pw'),
      {},
      { '/etc/gw/pw': { text: 'x', mode: 0o640 } },
    )
    expect(warningsOf(outcome)).toEqual([
      'c.yaml:2:55: broker.password_file: other users may open this file (mode 0640): chmod 600 it',
    ])
  })

  it.each([
    ['is not there', {}, 'cannot read this file: there is no such file'],
    [
      'may not be read',
      { '/etc/gw/canary': { error: 'EACCES' } },
      'cannot read this file: this user may not read it',
    ],
    ['is empty', { '/etc/gw/canary': { text: '\n', mode: 0o600 } }, 'the file is empty'],
  ])(
    'whose file %s is a problem, told without the name: it may be the password',
    (_fact, disk, message) => {
      expect(problemsOf(load(broker('password_file: canary'), {}, disk))).toEqual([
        `c.yaml:2:55: broker.password_file: ${message}`,
      ])
    },
  )

  it.each([
    [
      0o644,
      [
        'c.yaml:2:40: broker.password: a password here needs file mode 0600 (it is 0644); better: password_file',
      ],
    ],
    [
      0o640,
      [
        'c.yaml:2:40: broker.password: a password here needs file mode 0600 (it is 0640); better: password_file',
      ],
    ],
    [
      0o700,
      [
        'c.yaml:2:40: broker.password: a password here needs file mode 0600 (it is 0700); better: password_file',
      ],
    ],
    [0o600, []],
    [0o400, []],
  ])('in the configuration itself, of mode %o, is judged by it', (mode, problems) => {
    const text = broker('password: pw')
    const outcome = load(text, {}, { '/etc/gw/c.yaml': { text, mode } })
    expect(problemsOf(outcome)).toEqual(problems)
    if (!outcome.ok) return
    expect(outcome.configuration.broker).toMatchObject({ password: 'pw' })
    expect(warningsOf(outcome)).toEqual([
      'c.yaml:2:40: broker.password: a password in the configuration is easily copied along: better: password_file',
    ])
  })

  it('is given once, and with a user name', () => {
    const text = 'version: 1\nbroker: { url: mqtt://h, password: pw, password_file: f }\n'
    const disk = { '/etc/gw/c.yaml': { text, mode: 0o600 }, '/etc/gw/f': 'x' }
    expect(problemsOf(load(text, {}, disk))).toEqual([
      'c.yaml:2:1: broker.username: missing: MQTT knows no password without a user name',
      'c.yaml:2:26: broker.password: there is password_file as well: use one of the two',
    ])
  })

  it.each(['[canary]', '{ canary: x }', '12345', "''"])(
    'of the wrong kind, as %s, is not shown',
    (value) => {
      const text = broker(`password: ${value}`)
      const problems = problemsOf(load(text, {}, { '/etc/gw/c.yaml': { text, mode: 0o600 } }))
      expect(problems).toHaveLength(1)
      expect(problems[0]).toMatch(
        /^c\.yaml:2:50: broker\.password: expected text, got .*\(not shown\)$/,
      )
    },
  )
})

describe('certificates', () => {
  it('are read from their files', () => {
    const disk = {
      '/etc/gw/ca.pem': pem,
      '/pki/me.pem': pem,
      '/pki/me.key': { text: pem, mode: 0o600 },
    }
    const outcome = load(
      broker('tls: { ca: ca.pem, cert: /pki/me.pem, key: /pki/me.key }'),
      {},
      disk,
    )
    expect(loaded(outcome).broker).toMatchObject({
      tls: { ca: pem, cert: pem, key: pem, insecure: false },
    })
    expect(warningsOf(outcome)).toEqual([])
  })

  it('must be PEM, and keys private', () => {
    const disk = { '/etc/gw/ca.pem': 'no', '/etc/gw/c': pem, '/etc/gw/k': pem }
    expect(problemsOf(load(broker('tls: { ca: ca.pem }'), {}, disk))).toEqual([
      'c.yaml:2:51: broker.tls.ca: this file is not PEM',
    ])
    expect(warningsOf(load(broker('tls: { cert: c, key: k, insecure: true }'), {}, disk))).toEqual([
      'c.yaml:2:61: broker.tls.key: other users may open this file (mode 0644): chmod 600 it',
      'c.yaml:2:74: broker.tls.insecure: anybody between here and the broker can read and change everything',
    ])
  })

  it('F-49: that were pasted in place of a path are not shown', () => {
    const text =
      'version: 1\nbroker:\n  url: mqtts://h\n  tls:\n    ca: |\n      -----BEGIN\n      canary\n'
    expect(problemsOf(load(text))).toEqual([
      'c.yaml:5:9: broker.tls.ca: expected the path of a PEM file, got another text (not shown)',
    ])
  })
})

describe('an unknown key beside secrets', () => {
  it('F-49: is shown only where it is nearly a known one', () => {
    const text = 'version: 1\nbroker: { url: mqtt://h, usrname: x, passwordcanary }\n'
    expect(problemsOf(load(text))).toEqual([
      'c.yaml:2:1: broker: unknown key (not shown, for it might be a secret); known here: embedded, url, username, password, password_file, client_id, protocol, tls',
      'c.yaml:2:26: broker.usrname: unknown key; did you mean username?',
    ])
  })
})
