import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseScenario, planFleet } from '../../firmware-sim/index.js'

export const DEMO_SCENARIO = fileURLToPath(
  new URL('../../config/scenarios/demo.yaml', import.meta.url),
)

const parsed = parseScenario(readFileSync(DEMO_SCENARIO, 'utf8'))
if (!parsed.ok) throw new Error(`${DEMO_SCENARIO} is no scenario`)

/** The fleet of the demo, as its file says. */
export const demoScenario = parsed.scenario
/** Its links, with the devices on each. */
export const demoWays = [...planFleet(demoScenario).ways.values()]

/** The ids of its nodes whose link is of this kind. */
export const demoNodesOn = (kind: 'pty' | 'mqtt'): string[] =>
  demoWays
    .filter((way) => way.kind === kind)
    .flatMap(({ devices }) => devices.map(({ spec }) => spec.id))
