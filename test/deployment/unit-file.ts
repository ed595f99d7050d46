import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../../', import.meta.url))
export const UNIT = `${ROOT}config/alec-bridge.service`

/** The settings of a section of a unit file; a name may come several times. */
export function unitSettings(section: string): Map<string, string[]> {
  const settings = new Map<string, string[]>()
  let current = ''
  for (const line of readFileSync(UNIT, 'utf8').split('\n')) {
    const [, header] = /^\[(\w+)\]$/.exec(line) ?? []
    if (header !== undefined) current = header
    const [, name, value] = /^(\w+)=(.*)$/.exec(line) ?? []
    if (current !== section || name === undefined || value === undefined) continue
    settings.set(name, [...(settings.get(name) ?? []), value])
  }
  return settings
}

/** The flags that Node is started with as a service. */
export function serviceFlags(): string {
  const [environment = ''] = unitSettings('Service').get('Environment') ?? []
  return /^"NODE_OPTIONS=(.*)"$/.exec(environment)?.[1] ?? ''
}
