import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createLog } from '../../src/commands/logger.js'
import type { LogLevel } from '../../src/config/index.js'
import { ManualClock } from '../support/manual-clock.js'

function recordedLog(level: LogLevel = 'info') {
  const clock = new ManualClock()
  const lines: string[] = []
  const log = createLog(level, (line) => lines.push(line), clock)
  const documents = () => lines.map((line) => JSON.parse(line) as Record<string, unknown>)
  return { clock, lines, log, documents }
}

/** The one line that these facts become. */
function lineOf(facts: object, message = 'said') {
  const { log, lines, documents } = recordedLog()
  log.info(facts, message)
  const [document] = documents()
  return { line: lines[0] ?? '', document }
}

describe('the log', () => {
  it('is one JSON object a line, with level, time and message', () => {
    expect(lineOf({ source: 'serial:/dev/x' }).document).toEqual({
      level: 30,
      time: '2026-01-01T00:00:00.000Z',
      source: 'serial:/dev/x',
      msg: 'said',
    })
  })

  it('F-54: holds a storm of a hundred thousand lines to twenty a second, and counts the rest', () => {
    const { clock, log, lines, documents } = recordedLog()
    const seconds = 10
    for (let ms = 0; ms < seconds * 1000; ms++) {
      for (let index = 0; index < 10; index++)
        log.warn({ device: `device-${(ms * 10 + index) % 5000}` }, 'decode_error')
      clock.advance(1)
    }
    expect(lines.length).toBeGreaterThan(100)
    expect(lines.length).toBeLessThanOrEqual(seconds * 20 + 20)
    log.flush()
    const told = documents().map(({ repeats = 0, unwritten = 0 }) => {
      return 1 + (repeats as number) + (unwritten as number)
    })
    expect(told.reduce((total, count) => total + count, 0)).toBe(seconds * 10_000)
  })

  it('F-54: says a held line later, with the time at which it was said', () => {
    const { clock, log, documents } = recordedLog()
    for (let index = 0; index < 16; index++) log.info({}, `line ${index}`)
    clock.advance(2000)
    expect(documents().at(-1)).toMatchObject({
      msg: 'line 15',
      time: '2026-01-01T00:00:00.000Z',
    })
    expect(clock.pending).toBe(0)
  })

  it('F-54: spends nothing of the limit on what its level leaves out', () => {
    const { log, lines } = recordedLog('warn')
    for (let index = 0; index < 100; index++) log.info({}, `line ${index}`)
    log.warn({}, 'heard')
    expect(lines).toHaveLength(1)
  })

  it('F-54: writes what is held when it is flushed', () => {
    const { clock, log, documents } = recordedLog()
    for (let index = 0; index < 16; index++) log.info({}, `line ${index}`)
    log.flush()
    expect(documents().at(-1)?.msg).toBe('line 15')
    expect(clock.pending).toBe(0)
  })

  it('F-54: escapes every control character, line end and change of direction, and stays one line', () => {
    const text = fc.string({ unit: 'binary', maxLength: 200 })
    fc.assert(
      fc.property(text, text, (name, value) => {
        const { line, document } = lineOf({ fact: value, [`${name}!`]: 1 }, value)
        // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there.
        expect(line).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e]/)
        expect(line.indexOf('\n')).toBe(line.length - 1)
        if (!/:\/\/.*@/.test(value)) expect(document?.msg).toBe(value)
      }),
      { numRuns: 50 },
    )
  })

  it('F-54: cuts ids at 64 characters, and shows bytes as their count and the first sixteen', () => {
    const id = 'x'.repeat(5000)
    const { document } = lineOf({
      device: id,
      latest: [id],
      frame: new Uint8Array(300).fill(0xa1),
      reason: id,
    })
    expect(document?.device).toBe(`${'x'.repeat(64)}…`)
    expect(document?.latest).toEqual([`${'x'.repeat(64)}…`])
    expect(document?.frame).toBe(`300 bytes: ${'a1'.repeat(16)}…`)
    expect(String(document?.reason).length).toBeLessThan(1100)
  })

  it('keeps secrets to itself, however deep they are', () => {
    const canary = 'canary-5ec7e7'
    const error = Object.assign(new Error('refused'), {
      code: 'ECONNREFUSED',
      options: { password: canary, username: 'x' },
    })
    const { line, document } = lineOf({
      password: canary,
      broker: { tls: { passphrase: canary }, url: `mqtt://user:${canary}@host:1883` },
      user_token: canary,
      err: error,
    })
    expect(line).not.toContain(canary)
    expect(document).toMatchObject({
      password: '[redacted]',
      broker: { tls: { passphrase: '[redacted]' }, url: 'mqtt://host:1883' },
      err: { type: 'Error', message: 'refused', code: 'ECONNREFUSED' },
    })
  })

  it('shows the stack of an error, and of what caused it', () => {
    const { document } = lineOf({ err: new Error('outer', { cause: new TypeError('inner') }) })
    expect(document?.err).toMatchObject({
      message: 'outer',
      stack: expect.stringContaining('logger.test'),
      cause: { type: 'TypeError', message: 'inner' },
    })
  })

  it('takes a fact of any name and shape', () => {
    const facts = JSON.parse('{"__proto__":"odd","constructor":1,"nested":{"__proto__":{"a":1}}}')
    const round: Record<string, unknown> = { big: 1n, none: null }
    round.self = round
    expect(lineOf(facts).line).toContain('"__proto__":"odd"')
    expect(lineOf(round).document).toMatchObject({ big: '1', none: null })
  })
})
