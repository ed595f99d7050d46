import { describe, expect, it } from 'vitest'
import { LogLevels } from '../../src/control/log-levels.js'
import { partLog } from '../../src/control/part-log.js'
import { publishLog } from '../../src/control/publish-log.js'
import type { Log } from '../../src/log.js'

/** A log that keeps what levels let through. */
function keptLog(levels: LogLevels) {
  const lines: [message: string, facts: object][] = []
  const write = (facts: object, message: string) => lines.push([message, facts])
  const log: Log = {
    debug: write,
    info: write,
    warn: write,
    error: write,
    writesDebug: (part) => levels.writes('debug', part),
  }
  return { log, lines }
}

describe('the levels of the log', () => {
  it('are that of the part, where it has one, else that of all', () => {
    const levels = new LogLevels({ level: 'warn', parts: { journal: 'debug', publish: 'silent' } })
    const written = (part?: string) =>
      (['debug', 'info', 'warn', 'error'] as const).filter((level) => levels.writes(level, part))
    expect(written()).toEqual(['warn', 'error'])
    expect(written('devices')).toEqual(['warn', 'error'])
    expect(written('journal')).toEqual(['debug', 'info', 'warn', 'error'])
    expect(written('publish')).toEqual([])
  })

  it('stay as they were set over a reload that says nothing new of them', () => {
    const config = { level: 'info', parts: {} } as const
    const levels = new LogLevels(config)
    levels.set('debug', 'doors')
    levels.configure({ ...config })
    expect(levels.describe()).toEqual({ level: 'info', parts: { doors: 'debug' } })
    levels.configure({ level: 'error', parts: {} })
    expect(levels.describe()).toEqual({ level: 'error', parts: {} })
  })
})

describe('every message to the broker', () => {
  const message = { topic: 't', payload: 'abc', qos: 1, retain: true } as const

  it('is written at debug, and costs nothing else where nobody wants it', () => {
    const levels = new LogLevels({ level: 'info', parts: {} })
    const { log, lines } = keptLog(levels)
    const heard: string[] = []
    const write = publishLog(log, ({ topic }) => heard.push(topic))
    write(message)
    expect(lines).toEqual([])
    levels.set('debug', 'publish')
    write(message)
    const facts = { part: 'publish', topic: 't', bytes: 3, qos: 1, retain: true }
    expect(lines).toEqual([['published', facts]])
    expect(heard).toEqual(['t', 't'])
  })
})

it('the log of a part says whose lines they are', () => {
  const { log, lines } = keptLog(new LogLevels({ level: 'info', parts: {} }))
  partLog(log, 'doors').warn({ source: 's' }, 'away')
  expect(lines).toEqual([['away', { part: 'doors', source: 's' }]])
})
