import { expect, it } from 'vitest'
import { quietLog } from '../../bench/quiet.js'
import { checkConfiguration } from '../../src/config/index.js'
import { FleetOutputs } from '../../src/control/fleet-outputs.js'
import { fleetOptions, KeyframeRequests } from '../../src/control/index.js'
import { Settings } from '../../src/control/settings.js'
import { Fleet, ResyncBudget } from '../../src/device/index.js'
import { bridgeTopics, Shedder } from '../../src/outputs/index.js'
import { ManualClock } from '../support/manual-clock.js'

const outcome = checkConfiguration(
  {
    version: 1,
    models: { climate: { frames: 'compact', channels: [{ name: 't', resolution: 0.1 }] } },
    sources: [{ mqtt: { topic: 'alec/{device}/frame' } }],
    devices: { 'tank-1': { model: 'climate' } },
  },
  { cwd: '/', hostName: 'gw' },
)
if (!outcome.ok) throw new Error(JSON.stringify(outcome.problems))
const { configuration } = outcome
const clock = new ManualClock()
const silent = { onVerdict: () => {}, onAccepted: () => {}, onInternalError: () => {} }

it.each([
  ['is there', 'tank-1'],
  ['is gone by now', 'well-7'],
])('F-41: dropped readings of a device that %s are named on its topic', (_what, device) => {
  const outputs = new FleetOutputs({
    settings: new Settings(configuration),
    version: '0',
    clock,
    topics: bridgeTopics('alec'),
    shedder: new Shedder(),
    log: quietLog,
    fleet: new Fleet(fleetOptions(configuration, clock), silent),
    sources: [],
    publish: () => {},
    requests: new KeyframeRequests(
      new ResyncBudget({ minIntervalMs: { line: 1000, mqtt: 1000 }, bridgePerSecond: 1 }),
      [],
    ),
  })
  const said = outputs.dropped({
    kind: 'dropped',
    ordinal: 9,
    mono: 0,
    wall: 0,
    device,
    fromKey: '1/3',
    toKey: '1/7',
    count: 5,
    reason: 'journal-full',
  })
  expect(said.map(({ topic }) => topic)).toEqual([`alec/${device}/event`])
  expect(JSON.parse(String(said[0]?.payload))).toMatchObject({
    type: 'readings_dropped',
    from_key: '1/3',
    to_key: '1/7',
    count: 5,
  })
})
