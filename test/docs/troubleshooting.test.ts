import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { assess, type DeviceFacts } from '../../src/device/assessment.js'
import type { Cause } from '../../src/device/index.js'
import { codes, Page, ROOT } from '../support/page.js'

const page = new Page('docs/troubleshooting.md')
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')
const eventSource = read('src/device/event.ts')
const quoted = (text = ''): string[] => Array.from(text.matchAll(/'([\w-]+)'/g), (m) => m[1] ?? '')

/** Every cause that a status can show. */
const causes = quoted(/export type Cause =([\s\S]*)/.exec(eventSource)?.[1])
const events = Array.from(eventSource.matchAll(/readonly type:(.*)/g), ([line]) =>
  quoted(line),
).flat()

/** Section of the page → its text. */
const sections = new Map(
  Array.from(page.text.matchAll(/^### (.+)\n([\s\S]*?)(?=^##)/gm), ([, name = '', text = '']) => [
    name,
    text,
  ]),
)

/** What the rooms of devices say as a reason, as patterns: what stands in for a fact is anything. */
const messages = readdirSync(join(ROOT, 'src/device'))
  .flatMap((file) =>
    Array.from(
      read(`src/device/${file}`).matchAll(/(?:message:|message =)\s*(?:'([^']+)'|`([^`]+)`)/g),
    ),
  )
  .map(([, plain = '', template = '']) => (plain === '' ? template : plain))
  .map((text) =>
    text.split(/\$\{[^}]+\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')),
  )
  .map((parts) => new RegExp(`^${parts.join('.+')}$`))

const isSaid = (message: string): boolean => messages.some((pattern) => pattern.test(message))

const well: DeviceFacts = {
  heard: true,
  silenceMs: 0,
  ttlMs: 180_000,
  intervalMs: 60_000,
  linkUp: true,
  lineNoisy: false,
  circuit: 'closed',
  internalError: false,
  flooding: false,
  poisoned: false,
  clockSynced: true,
  hasKeyframes: true,
  lossRatio: 0,
  misshapen: false,
  falseDeclaration: undefined,
  recovery: undefined,
}

/** What is the matter with a device whose status shows a cause; `reason` is what its room said. */
function factsOf(cause: Cause, reason: string): Partial<DeviceFacts> {
  switch (cause) {
    case 'started-mid-stream':
    case 'lost-frames':
    case 'device-reboot':
      return { recovery: { cause, message: reason } }
    case 'wrong-resolution':
    case 'wrong-range':
    case 'wrong-max-step':
      return { falseDeclaration: { cause, message: reason } }
    case 'line-noise':
      return { lineNoisy: true, lossRatio: 0.023 }
    case 'foreign-state':
      return { circuit: 'open' }
    case 'wrong-channel-count':
      return { misshapen: true }
    case 'not-finite':
      return { poisoned: true }
    case 'silent':
      return { silenceMs: 200_000 }
    case 'port-away':
      return { silenceMs: 200_000, linkUp: false }
    case 'flooding':
      return { flooding: true }
    case 'clock-unsynced':
      return { clockSynced: false }
    case 'internal-error':
      return { internalError: true }
  }
}

describe('docs/troubleshooting.md', () => {
  it('has a section for every cause, in their order, and for no other', () => {
    expect([...sections.keys()]).toEqual(causes)
  })

  it.each(causes as Cause[])('shows %s as the status does', (cause) => {
    const text = sections.get(cause) ?? ''
    const [, json = '{}'] = /```json\n(.+)\n```/.exec(text) ?? []
    const { health, message, ...shown } = JSON.parse(json)
    expect(shown.cause).toBe(cause)
    const reason = message.replace(/; a keyframe brings it back$/, '')
    const facts = factsOf(cause, reason)
    expect(assess({ ...well, ...facts })).toEqual({ health, cause, message })
    if (facts.recovery || facts.falseDeclaration) expect(isSaid(reason), reason).toBe(true)
    expect(shown.circuit).toBe(facts.circuit ?? (facts.internalError ? 'open' : 'closed'))
    expect(text).toMatch(/^\*\*Look at\*\* \S/m)
    expect(text).toMatch(/^\*\*Do:\*\* \S/m)
  })

  it('names events that there are', () => {
    const named = Array.from(
      page.text.matchAll(/events? ((?:`\w+`(?: and )?)+)/g),
      ([, list = '']) => codes(list),
    ).flat()
    expect(named.length).toBeGreaterThan(10)
    expect(named.filter((event) => !events.includes(event))).toEqual([])
  })
})
