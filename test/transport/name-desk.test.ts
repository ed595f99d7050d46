import dns, { type LookupAddress } from 'node:dns'
import { connect, createServer } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/clock.js'
import { NameDesk, shareNames } from '../../src/transport/name-desk.js'
import { ManualClock } from '../support/manual-clock.js'

const addressOf = (n: number): LookupAddress => ({ address: `192.0.2.${n}`, family: 4 })
const failure = (code: string) => Object.assign(new Error(code), { code })

/** A desk before a system that answers when the test says so. */
function deskOf() {
  const clock = new ManualClock()
  const asked: string[] = []
  const answers: ((error: Error | null, addresses?: readonly LookupAddress[]) => void)[] = []
  const desk = new NameDesk({
    clock,
    ask: (host, options, done) => {
      asked.push(`${host} ${options.family ?? 'any'}`)
      expect(options.all).toBe(true)
      answers.push((error, addresses = []) => done(error, addresses))
    },
  })
  const heard: string[] = []
  const want = (host: string, family?: number) =>
    desk.lookup(host, family === undefined ? {} : { family }, (error, addresses) => {
      heard.push(`${host}: ${error?.code ?? addresses.map(({ address }) => address).join()}`)
    })
  const answer = (n: number) => answers.shift()?.(null, [addressOf(n)])
  const fail = (code: string) => answers.shift()?.(failure(code))
  return { clock, asked, heard, want, answer, fail }
}

describe('names', () => {
  it('are asked for one at a time, in their order, each once for all who want it', () => {
    const { asked, heard, want, answer } = deskOf()
    for (const host of ['a.example', 'b.example', 'a.example', 'c.example']) want(host)
    expect(asked).toEqual(['a.example any'])
    answer(1)
    expect(asked).toEqual(['a.example any', 'b.example any'])
    answer(2)
    answer(3)
    expect(heard).toEqual([
      'a.example: 192.0.2.1',
      'a.example: 192.0.2.1',
      'b.example: 192.0.2.2',
      'c.example: 192.0.2.3',
    ])
    want('a.example')
    expect(asked).toHaveLength(4)
  })

  it('are asked for anew where another kind of address is wanted', () => {
    const { asked, want, answer } = deskOf()
    want('a.example', 4)
    want('a.example', 6)
    answer(1)
    expect(asked).toEqual(['a.example 4', 'a.example 6'])
  })

  it('are given up after four seconds, by who waits; the answer is there for who asks next', () => {
    const { clock, asked, heard, want, answer } = deskOf()
    want('slow.example')
    clock.advance(1000)
    want('behind.example')
    clock.advance(2999)
    expect(heard).toEqual([])
    clock.advance(1)
    expect(heard).toEqual(['slow.example: EAI_AGAIN'])
    clock.advance(1000)
    expect(heard).toEqual(['slow.example: EAI_AGAIN', 'behind.example: EAI_AGAIN'])
    // Asked for all the same, and known from then on.
    answer(1)
    answer(2)
    expect([asked, heard.length]).toEqual([['slow.example any', 'behind.example any'], 2])
    want('behind.example')
    clock.advance(4000)
    expect(heard.at(-1)).toBe('behind.example: 192.0.2.2')
    expect(clock.pending).toBe(0)
  })

  it('are what they were while their server does not answer, and gone where it says so', () => {
    const { clock, heard, want, answer, fail } = deskOf()
    want('a.example')
    answer(1)
    want('a.example')
    fail('EAI_AGAIN')
    want('a.example')
    clock.advance(4000)
    fail('ENOTFOUND')
    want('a.example')
    fail('EAI_AGAIN')
    expect(heard).toEqual([
      'a.example: 192.0.2.1',
      'a.example: 192.0.2.1',
      'a.example: 192.0.2.1',
      'a.example: EAI_AGAIN',
    ])
  })

  it('are remembered up to a hundred', () => {
    const { heard, want, answer, fail } = deskOf()
    for (let n = 0; n <= 100; n++) {
      want(`n${n}.example`)
      answer(n)
    }
    for (const host of ['n0.example', 'n1.example']) {
      want(host)
      fail('EAI_AGAIN')
    }
    expect(heard.slice(-2)).toEqual(['n0.example: EAI_AGAIN', 'n1.example: 192.0.2.1'])
  })

  it('that are addresses wait for nobody', () => {
    const { asked, want } = deskOf()
    want('slow.example')
    want('192.0.2.7')
    want('::1')
    expect(asked).toEqual(['slow.example any', '192.0.2.7 any', '::1 any'])
  })
})

describe('the desk in this process', () => {
  const { lookup } = dns
  afterEach(() => {
    Object.assign(dns, { lookup })
  })

  it('answers as the system does, whichever way it is asked', async () => {
    const [all, one] = await Promise.all([
      new Promise((resolve) => lookup('localhost', { all: true }, (...answer) => resolve(answer))),
      new Promise((resolve) => lookup('localhost', (...answer) => resolve(answer))),
    ])
    shareNames(systemClock)
    expect(dns.lookup).not.toBe(lookup)
    expect(
      await new Promise((go) => dns.lookup('localhost', { all: true }, (...a) => go(a))),
    ).toEqual(all)
    expect(await new Promise((go) => dns.lookup('localhost', (...a) => go(a)))).toEqual(one)
    const code = await new Promise((go) =>
      dns.lookup('no.such.invalid', (error) => go(error?.code)),
    )
    expect(code).toMatch(/^(?:ENOTFOUND|EAI_AGAIN)$/)
  })

  it('is what connections ask', async () => {
    const asked: string[] = []
    Object.assign(dns, {
      lookup: (host: string, ...rest: unknown[]) => {
        asked.push(host)
        Reflect.apply(lookup, dns, [host === 'broker.example' ? 'localhost' : host, ...rest])
      },
    })
    shareNames(systemClock)
    const server = createServer((socket) => socket.end('hello'))
    await new Promise<void>((resolve) => server.listen(0, () => resolve()))
    const { port } = server.address() as { port: number }
    const heard = await new Promise((resolve, reject) =>
      connect({ host: 'broker.example', port }).on('data', resolve).on('error', reject),
    )
    server.close()
    expect([String(heard), asked]).toEqual(['hello', ['broker.example']])
  })
})
