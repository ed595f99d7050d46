import { type Scenario, scenarioSchema } from './schema.js'

/** A scenario without a file: so many devices of every frame family, half of them compact, on one broker. */
export function mixedScenario(devices: number): Scenario {
  const compact = Math.ceil(devices / 2)
  const closedLoop = Math.ceil((devices - compact) / 2)
  const single = Math.ceil((devices - compact - closedLoop) / 2)
  const multi = devices - compact - closedLoop - single
  const shared = { link: 'radio', interval: '2s' }
  const groups = [
    { name: 'compact-{n}', count: compact, channels: ['temperature', 'humidity', 'battery'] },
    {
      name: 'closed-loop-{n}',
      count: closedLoop,
      profile: 'closed-loop',
      channels: ['temperature', 'co2', 'battery'],
    },
    {
      name: 'single-{n}',
      count: single,
      frames: 'standard',
      checksum: true,
      channels: ['counter'],
    },
    {
      name: 'multi-{n}',
      count: multi,
      frames: 'adaptive-multi',
      channels: ['vibration', 'flow', 'temperature'],
    },
  ]
  return scenarioSchema.parse({
    version: 1,
    links: { radio: { mqtt: {} } },
    devices: groups.filter(({ count }) => count > 0).map((group) => ({ ...group, ...shared })),
  })
}
