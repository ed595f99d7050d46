/** One promise of the reliability report, and the script that puts it to the test. */
export interface Promised {
  readonly name: string
  readonly promise: string
  /** What Node runs, with its arguments in the long form and in the short one. */
  readonly script: readonly string[]
  readonly long: readonly string[]
  readonly short: readonly string[]
  readonly limitMinutes: number
  /** What the figures say against the promise although the script itself does not mind. */
  readonly against?: (figures: Figures) => readonly string[]
}

export type Figures = Readonly<Record<string, unknown>>

const bench = (name: string): readonly string[] => [`dist/bench/${name}.js`]
/** Tests of this file alone. */
const tests = (file: string): readonly string[] => [
  'node_modules/vitest/vitest.mjs',
  'run',
  `test/${file}`,
  '--reporter=json',
]

/** Complaints about figures that are more than they may be, or are not there. */
const atMost =
  (limits: Readonly<Record<string, number>>) =>
  (figures: Figures): readonly string[] =>
    Object.entries(limits).flatMap(([name, most]) => {
      const value = figures[name]
      return typeof value === 'number' && value <= most
        ? []
        : [`${name} ${value}, promised ${most} at most`]
    })

/** Complaints about figures that are less than they have to be, or are not there. */
const atLeast =
  (limits: Readonly<Record<string, number>>) =>
  (figures: Figures): readonly string[] =>
    Object.entries(limits).flatMap(([name, least]) => {
      const value = figures[name]
      return typeof value === 'number' && value >= least
        ? []
        : [`${name} ${value}, promised ${least} at least`]
    })

/** Every test of the file ran, and passed. */
const allPassed = ({ passed, failed }: Figures): readonly string[] =>
  Number(passed) > 0 && failed === 0 ? [] : [`${passed} tests passed, ${failed} failed`]

export const promises: readonly Promised[] = [
  {
    name: 'kills',
    promise:
      'kill -9 under load: no accepted frame is lost, nothing wrong is said, no keyframe is asked for, and no more than a window and a checkpoint interval come twice',
    script: bench('kills'),
    long: ['--kills', '100', '--rate', '500', '--seed', '1', '--json'],
    short: ['--kills', '10', '--rate', '300', '--seed', '1', '--json'],
    limitMinutes: 10,
    against: atMost({ uncertain: 0, keyframesRequested: 0 }),
  },
  {
    name: 'line-kills',
    promise:
      'the same with devices on pseudo-terminals that never stop: whatever the journal held after a kill becomes a reading',
    script: bench('line-kills'),
    long: ['--kills', '100', '--when', 'flow', '--seed', '1', '--json'],
    short: ['--kills', '5', '--when', 'flow', '--seed', '1', '--json'],
    limitMinutes: 10,
  },
  {
    name: 'line-kills-held',
    promise:
      'kill -9 while the broker answers nobody, so that only the journal has the frames: all become good readings, no keyframe is asked for',
    script: bench('line-kills'),
    long: ['--kills', '25', '--when', 'held', '--seed', '1', '--json'],
    short: ['--kills', '3', '--when', 'held', '--seed', '1', '--json'],
    limitMinutes: 10,
    against: atMost({ uncertain: 0, keyframesRequested: 0 }),
  },
  {
    name: 'full-journal',
    promise: 'after kill -9 on a journal of 256 MiB frames are taken again within 2 s',
    script: bench('full-journal'),
    long: ['--mebibytes', '256', '--starts', '10', '--json'],
    short: ['--mebibytes', '16', '--starts', '3', '--json'],
    limitMinutes: 10,
  },
  {
    name: 'full-disk',
    promise:
      'a full disk: the bridge stays and says so, acknowledges nothing that it cannot keep, and goes on within 5 s of free space',
    script: tests('e2e/disk.test.ts'),
    long: [],
    short: [],
    limitMinutes: 3,
    against: allPassed,
  },
  {
    name: 'power-loss',
    promise:
      'loss of power, or a kill, at any step of the disk: no accepted frame is lost, order kept',
    script: bench('power-loss'),
    long: ['100000', '1'],
    short: ['5000', '1'],
    limitMinutes: 10,
  },
  {
    name: 'broker-away',
    promise:
      'the broker away for ten minutes under 1000 frames/s: nothing lost, order kept, live status first, drained at five times the live rate or more',
    script: bench('broker-away'),
    long: ['--seconds', '600', '--rate', '1000', '--json'],
    short: ['--seconds', '15', '--rate', '300', '--json'],
    limitMinutes: 20,
  },
  {
    name: 'broker-kills',
    promise:
      'Mosquitto killed at random moments: nothing that it had not acknowledged is lost (what it had acknowledged and took with it is `lostInBroker`)',
    script: bench('broker-kills'),
    long: ['--kills', '50', '--json'],
    short: ['--kills', '5', '--json'],
    limitMinutes: 10,
  },
  {
    name: 'cluster-kills',
    promise:
      'one of two bridges that share their devices killed again and again, on a real RabbitMQ and Redis: every frame becomes a reading, in order per device, none is wrong, no keyframe is asked for, and nothing is late any more after 5 s',
    script: bench('cluster-kills'),
    long: ['--kills', '20', '--devices', '1000', '--rate', '2000', '--seed', '1', '--json'],
    short: ['--kills', '3', '--devices', '60', '--rate', '60', '--seed', '1', '--json'],
    limitMinutes: 20,
    against: atMost({ fullFlowMostMs: 5000 }),
  },
  {
    name: 'cluster-topics',
    promise:
      'the same by shared subscriptions, on a broker that hashes by topic (that of the tests) and a real Redis',
    script: bench('cluster-kills'),
    long: [
      ...['--frames', 'mqtt', '--kills', '20', '--devices', '300', '--rate', '300'],
      ...['--seed', '1', '--json'],
    ],
    short: [
      ...['--frames', 'mqtt', '--kills', '3', '--devices', '60', '--rate', '60'],
      ...['--seed', '1', '--json'],
    ],
    limitMinutes: 15,
    against: atMost({ fullFlowMostMs: 5000 }),
  },
  {
    name: 'cluster-scale',
    promise: 'two bridges spend at most 1.2 times the processor time of one on the same frames',
    script: bench('cluster-scale'),
    long: ['--bridges', '1,2,4', '--turns', '5', '--json'],
    short: ['--bridges', '1,2', '--devices', '60', '--rounds', '100', '--json'],
    limitMinutes: 10,
    against: atMost({ costOfTwo: 1.2 }),
  },
  {
    name: 'cluster-quota',
    promise:
      'two bridges, each with the same small share of a processor, carry at least 1.7 times the frames of one',
    script: bench('cluster-quota'),
    long: ['--json'],
    short: ['--turns', '1', '--seconds', '5', '--json'],
    limitMinutes: 10,
    against: atLeast({ framesOfTwo: 1.7 }),
  },
  {
    name: 'flood',
    promise:
      'a device that sends 10 000 frames/s delays the others by no more than a tenth (p99 of a round, median of the rounds, against silence)',
    script: bench('flood'),
    long: ['--json'],
    short: ['--json', '--rounds', '4'],
    limitMinutes: 5,
  },
  {
    name: 'unknown-ids',
    promise:
      'a million unknown ids: at most 16 MiB more memory than as many frames of 2000 ids (garbage collected both times), no topic, at most one log line a second',
    script: bench('unknown-ids'),
    long: ['--json'],
    short: ['--json', '--ids', '50000'],
    limitMinutes: 10,
  },
  {
    name: 'replug',
    promise: 'a USB adapter comes back: data flows within two seconds (p99)',
    script: bench('replug'),
    long: ['--times', '100', '--json'],
    short: ['--times', '5', '--json'],
    limitMinutes: 10,
    against: atMost({ 'returnedMs.p99': 2000 }),
  },
  {
    name: 'line-faults',
    promise: 'bit errors on serial lines: no wrong reading with CRC-32',
    script: bench('line-faults'),
    long: ['--frames', '1000000', '--seed', '1', '--json'],
    short: ['--frames', '50000', '--seed', '1', '--json'],
    limitMinutes: 5,
  },
  {
    name: 'simulation',
    promise:
      'at least 100 000 device-hours in simulated worlds with every mix of faults: no invariant violated',
    script: bench('simulate'),
    long: ['--hours', '100000', '--seed', '1', '--json'],
    short: ['--seeds', '1..20', '--json'],
    limitMinutes: 45,
    against: atMost({ failed: 0 }),
  },
  {
    name: 'planted-bugs',
    promise: 'the simulator finds every bug that is planted into the bridge',
    script: tests('sim/planted-bugs.test.ts'),
    long: [],
    short: [],
    limitMinutes: 10,
    against: allPassed,
  },
  {
    name: 'soak',
    promise: 'every fault mix against the decoder: no bound broken, no good reading wrong',
    script: bench('soak'),
    long: ['--frames', '20000000', '--seed', '1', '--json'],
    short: ['--frames', '500000', '--seed', '1', '--json'],
    limitMinutes: 15,
  },
  {
    name: 'fuzz',
    promise: 'a million spoilt frames: none that is refused changes anything',
    script: bench('fuzz'),
    long: ['--frames', '1000000', '--seed', '1', '--json'],
    short: ['--frames', '50000', '--seed', '1', '--json'],
    limitMinutes: 5,
    against: atMost({ changed: 0 }),
  },
  {
    name: 'attacks',
    promise:
      'attacks on the embedded broker: it lives, a healthy client waits at most twice as long as in silence (p99 of a round, median of the rounds; connections limited as always; where they are given up as soon as they are open: as while as many go to nobody), memory stays within 32 MiB',
    script: bench('attacks'),
    long: ['--packets', '1000000', '--json'],
    short: ['--packets', '20000', '--json'],
    limitMinutes: 30,
    against: atMost({ worstP99Ratio: 2, mostGrowthMiB: 32 }),
  },
  {
    name: 'leak',
    promise: 'no slow leak: at most 1 MiB an hour',
    script: ['--expose-gc', ...bench('leak')],
    long: ['--frames', '3000000', '--json'],
    short: ['--frames', '200000', '--json'],
    limitMinutes: 10,
    against: atMost({ rssMiBPerHour: 1 }),
  },
  {
    name: 'latency',
    promise: 'from the door to a subscriber, by durability (measured, not promised)',
    script: bench('latency'),
    long: ['--json', '--doors', 'uart,mqtt', '--rates', '100,1000'],
    short: ['--json', '--doors', 'uart,mqtt', '--rates', '100,1000', '--seconds', '2'],
    limitMinutes: 10,
  },
]
