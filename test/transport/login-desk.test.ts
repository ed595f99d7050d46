import { describe, expect, it } from 'vitest'
import type { BrokerUserConfig } from '../../src/config/configuration.js'
import { LoginBackoff } from '../../src/transport/login-backoff.js'
import { LoginDesk, type LoginRequest } from '../../src/transport/login-desk.js'
import { formatHash, hashPassword, readPassword } from '../../src/transport/password-hash.js'

const user = (name: string, more: Partial<BrokerUserConfig> = {}): BrokerUserConfig => ({
  name,
  clientIds: [name],
  publish: [],
  subscribe: [],
  admin: false,
  persistent: false,
  ...more,
})

const users = [
  user('n-1', { password: 'right' }),
  user('dash', { password: 'right too', clientIds: ['dash-1', 'dash-2'] }),
  user('by-card'),
  user('both', { password: 'right' }),
]
const desk = () => LoginDesk.open(users, new LoginBackoff())
const request = (more: Omit<Partial<LoginRequest>, 'password'> & { password?: string }) => {
  const { password, ...rest } = more
  return {
    clientId: 'n-1',
    address: '192.0.2.1',
    now: 0,
    ...(password !== undefined && { password: Buffer.from(password) }),
    ...rest,
  }
}

describe('a login', () => {
  it.each<[fact: string, Parameters<typeof request>[0], outcome: unknown]>([
    ['with user and password', { user: 'n-1', password: 'right' }, true],
    [
      'with a client id that is mapped',
      { user: 'dash', password: 'right too', clientId: 'dash-2' },
      true,
    ],
    ['with a certificate alone', { certificate: 'by-card', clientId: 'by-card' }, true],
    ['with both', { certificate: 'both', user: 'both', password: 'right', clientId: 'both' }, true],
    ['without a user', {}, [4, 'login-no-user']],
    ['of nobody', { user: 'nobody', password: 'right' }, [4, 'login-unknown-user']],
    ['of an inherited name', { user: '__proto__', password: 'x' }, [4, 'login-unknown-user']],
    ['with a wrong password', { user: 'n-1', password: 'wrong' }, [4, 'login-wrong-password']],
    ['with no password', { user: 'n-1' }, [4, 'login-wrong-password']],
    ['with an empty password', { user: 'n-1', password: '' }, [4, 'login-wrong-password']],
    [
      "with another's client id",
      { user: 'dash', password: 'right too' },
      [2, 'login-other-client-id'],
    ],
    [
      'with a client id that differs in case',
      { user: 'n-1', password: 'right', clientId: 'N-1' },
      [2, 'login-other-client-id'],
    ],
    [
      'without the certificate it needs',
      { user: 'by-card', password: '', clientId: 'by-card' },
      [4, 'login-wrong-password'],
    ],
    [
      "with another's certificate",
      { user: 'n-1', password: 'right', certificate: 'by-card' },
      [5, 'login-other-certificate'],
    ],
    [
      'with a certificate and no password, where both are wanted',
      { certificate: 'both', clientId: 'both' },
      [4, 'login-wrong-password'],
    ],
  ])('%s', async (_fact, asked, expected) => {
    const outcome = await (await desk()).admit(request(asked))
    expect(outcome.ok || [outcome.returnCode, outcome.reason]).toEqual(expected)
  })

  it('works by a hash as by the password that it is of', async () => {
    const line = formatHash(await hashPassword('s3 cret'))
    expect(line).toMatch(/^scrypt:ln=14,r=8,p=1:[A-Za-z0-9+/]{22}==:[A-Za-z0-9+/]{43}=$/)
    const hashed = await LoginDesk.open([user('n-1', { password: line })], new LoginBackoff())
    expect((await hashed.admit(request({ user: 'n-1', password: 's3 cret' }))).ok).toBe(true)
    expect((await hashed.admit(request({ user: 'n-1', password: line }))).ok).toBe(false)
    await expect(readPassword('scrypt:x')).rejects.toThrow(RangeError)
  })

  it('of a user that there is not costs as much as that of one that there is', async () => {
    const desked = await desk()
    const timed = async (name: string) => {
      const times: number[] = []
      for (let n = 0; n < 9; n++) {
        const begin = performance.now()
        await desked.admit(request({ user: name, password: 'x', address: `10.0.0.${n}` }))
        times.push(performance.now() - begin)
      }
      return times.sort((a, b) => a - b)[4] ?? 0
    }
    const [known, unknown] = [await timed('n-1'), await timed('nobody')]
    // Without the hash of nobody it would be thousands of times less.
    expect(unknown / known).toBeGreaterThan(0.2)
    expect(unknown / known).toBeLessThan(5)
  })
})

describe('who guesses', () => {
  const limit = { perSecond: 1, burst: 3 }
  const guess = (name: string, address: string, now = 0, password = 'wrong') =>
    request({ user: name, password, address, now })

  it('has to wait after a few failures, even for the right password, and whatever the user', async () => {
    const desked = await LoginDesk.open(users, new LoginBackoff(limit))
    const reasons: string[] = []
    // All at once: each is judged only when the one before it is.
    const outcomes = await Promise.all(
      ['n-1', 'dash', 'x', 'n-1', 'y'].map((name) => desked.admit(guess(name, '192.0.2.1'))),
    )
    for (const outcome of outcomes) reasons.push(outcome.ok ? 'ok' : outcome.reason)
    expect(reasons).toEqual([
      'login-wrong-password',
      'login-wrong-password',
      'login-unknown-user',
      'login-too-often',
      'login-too-often',
    ])
    expect(await desked.admit(guess('n-1', '192.0.2.1', 500, 'right'))).toMatchObject({
      returnCode: 3,
    })
    expect((await desked.admit(guess('n-1', '192.0.2.2', 500, 'right'))).ok).toBe(true)
    expect((await desked.admit(guess('n-1', '192.0.2.1', 1100, 'right'))).ok).toBe(true)
  })

  it('on this machine locks out no other user of it', async () => {
    const desked = await LoginDesk.open(users, new LoginBackoff(limit))
    for (let n = 0; n < 5; n++) await desked.admit(guess('n-1', '127.0.0.1'))
    expect(await desked.admit(guess('n-1', '127.0.0.1', 0, 'right'))).toMatchObject({
      reason: 'login-too-often',
    })
    const other = { ...guess('dash', '127.0.0.1', 0, 'right too'), clientId: 'dash-1' }
    expect((await desked.admit(other)).ok).toBe(true)
  })

  it('from ever new addresses takes no more memory than a thousand of them', () => {
    const backoff = new LoginBackoff(limit)
    for (let n = 0; n < 3; n++) backoff.failed('first', 'u', 0)
    expect(backoff.mayTry('first', 'u', 0)).toBe(false)
    for (let n = 0; n < 1000; n++) backoff.failed(`address-${n}`, 'u', 0)
    // The oldest is forgotten.
    expect(backoff.mayTry('first', 'u', 0)).toBe(true)
  })
})
