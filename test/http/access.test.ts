import { describe, expect, it } from 'vitest'
import { Access } from '../../src/http/access.js'
import { isSession, sessionCookie } from '../../src/http/session-cookie.js'
import { ManualClock } from '../support/manual-clock.js'
import { INSIDE, noRefusals, openedWindow, TOKEN } from './opened-window.js'

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

describe('a session', () => {
  const wall = Date.UTC(2026, 10, 27)
  const cookie = sessionCookie(TOKEN, wall, 3600)

  it('holds for as long as was said', () => {
    expect(isSession(cookie, TOKEN, wall)).toBe(true)
    expect(isSession(cookie, TOKEN, wall + 3_600_000 - 1)).toBe(true)
    expect(isSession(cookie, TOKEN, wall + 3_600_000)).toBe(false)
  })

  it('is worth nothing once the token is another', () => {
    expect(isSession(cookie, `${TOKEN}!`, wall)).toBe(false)
  })

  it('does not hold the token, and cannot be made longer', () => {
    expect(cookie).not.toContain(TOKEN)
    const [expires = '', seal = ''] = cookie.split('.')
    expect(isSession(`${Number(expires) + 1}.${seal}`, TOKEN, wall)).toBe(false)
    expect(isSession(`${expires}.${'A'.repeat(43)}`, TOKEN, wall)).toBe(false)
    expect(isSession(expires, TOKEN, wall)).toBe(false)
  })
})

describe('who guesses', () => {
  const clock = new ManualClock()
  const config = { host: '0.0.0.0', port: 1, token: TOKEN, names: [], metrics: { devices: 0 } }
  const access = new Access(config, clock, noRefusals())
  const from = (address: string, token: string) =>
    access.judge({ authorization: `Bearer ${token}`, cookie: undefined, address })

  it('has ten tries, then one in six seconds, with the right token as well', () => {
    for (let n = 0; n < 10; n++) expect(from('10.0.0.1', `wrong-${n}`)).toBe('wrong')
    expect(from('10.0.0.1', 'wrong')).toBe('too-often')
    expect(from('10.0.0.1', TOKEN)).toBe('too-often')
    clock.advance(6000)
    expect(from('10.0.0.1', 'wrong')).toBe('wrong')
    expect(from('10.0.0.1', TOKEN)).toBe('too-often')
    clock.advance(6000)
    expect(from('10.0.0.1', TOKEN)).toBe('reader')
  })

  it('keeps nobody else out, and no session', () => {
    for (let n = 0; n < 20; n++) from('10.0.0.2', `wrong-${n}`)
    expect(from('10.0.0.3', TOKEN)).toBe('reader')
    const cookie = `a=b; alec-1=${sessionCookie(TOKEN, clock.wall(), 60)}`
    expect(access.judge({ authorization: undefined, cookie, address: '10.0.0.2' })).toBe('reader')
  })
})

describe('a window with a token', () => {
  it('answers who shows it, and nobody else', async () => {
    const { ask } = await openedWindow({ token: TOKEN })
    const without = await ask(INSIDE)
    expect(without).toMatchObject({ status: 401, text: 'a token is needed\n' })
    expect(without.headers['www-authenticate']).toMatch(/^Bearer /)
    expect(await ask(INSIDE, bearer('wrong'))).toMatchObject({ status: 401 })
    expect(await ask(INSIDE, { authorization: TOKEN })).toMatchObject({ status: 401 })
    const right = await ask(INSIDE, bearer(TOKEN))
    expect(right).toMatchObject({ status: 404, text: 'there is no such device\n' })
  })

  it('leads people to the login', async () => {
    const { ask } = await openedWindow({ token: TOKEN })
    const answer = await ask(INSIDE, { 'sec-fetch-mode': 'navigate' })
    expect(answer).toMatchObject({ status: 303, headers: { location: '/login' } })
  })

  it('makes a session of the token, which no script can read and no other site can use', async () => {
    const { ask } = await openedWindow({ token: TOKEN })
    const answer = await ask('/login', FORM, `token=${TOKEN}`)
    expect(answer).toMatchObject({ status: 303, headers: { location: '/' } })
    const [set = ''] = answer.headers['set-cookie'] ?? []
    expect(set).toMatch(/^alec-0=[^;]+; Path=\/; Max-Age=2592000; HttpOnly; SameSite=Strict$/)
    const [cookie = ''] = set.split(';')
    expect(await ask(INSIDE, { cookie })).toMatchObject({ status: 404 })
    const [gone] = (await ask('/logout', { ...FORM, cookie }, '')).headers['set-cookie'] ?? []
    expect(gone).toMatch(/^alec-0=; Path=\/; Max-Age=0;/)
  })

  it('says at the login that a token is wrong, and after ten of them to wait', async () => {
    const { ask } = await openedWindow({ token: TOKEN })
    const wrong = await ask('/login', FORM, 'token=wrong')
    expect(wrong).toMatchObject({ status: 401, text: expect.stringContaining('not the token') })
    expect(wrong.headers).not.toHaveProperty('set-cookie')
    for (let n = 1; n < 10; n++) await ask('/login', FORM, 'token=wrong')
    expect(await ask('/login', FORM, `token=${TOKEN}`)).toMatchObject({
      status: 429,
      headers: { 'retry-after': '60' },
    })
  })

  it('takes no login from another site', async () => {
    const { ask } = await openedWindow({ token: TOKEN })
    const headers = { ...FORM, origin: 'http://evil.example' }
    expect(await ask('/login', headers, `token=${TOKEN}`)).toMatchObject({ status: 403 })
  })
})

it('a window without a token has no login', async () => {
  const { ask } = await openedWindow()
  expect(await ask('/login')).toMatchObject({ status: 303, headers: { location: '/' } })
})
