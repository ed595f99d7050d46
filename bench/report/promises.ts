/** One promise of the reliability report, and the script that puts it to the test. */
export interface Promised {
  readonly name: string
  readonly promise: string
  /** Of `dist/bench`, with its arguments in the long form and in the short one. */
  readonly script: string
  readonly long: readonly string[]
  readonly short: readonly string[]
  readonly limitMinutes: number
}

export const promises: readonly Promised[] = [
  {
    name: 'kills',
    promise:
      'kill -9 under load: no accepted frame is lost, nothing wrong is said, no keyframe is asked for, and no more than a window and a checkpoint interval come twice',
    script: 'kills',
    long: ['--kills', '100', '--rate', '500', '--json'],
    short: ['--kills', '10', '--rate', '300', '--json'],
    limitMinutes: 10,
  },
  {
    name: 'power-loss',
    promise:
      'loss of power, or a kill, at any step of the disk: no accepted frame is lost, order kept',
    script: 'power-loss',
    long: ['100000', '1'],
    short: ['5000', '1'],
    limitMinutes: 10,
  },
  {
    name: 'broker-away',
    promise:
      'the broker away for ten minutes under 1000 frames/s: nothing lost, order kept, live status first, drained at five times the live rate or more',
    script: 'broker-away',
    long: ['--seconds', '600', '--rate', '1000', '--json'],
    short: ['--seconds', '15', '--rate', '300', '--json'],
    limitMinutes: 20,
  },
  {
    name: 'broker-kills',
    promise: 'Mosquitto killed at random moments: nothing that it had not acknowledged is lost',
    script: 'broker-kills',
    long: ['--kills', '50', '--json'],
    short: ['--kills', '5', '--json'],
    limitMinutes: 10,
  },
  {
    name: 'flood',
    promise: 'a device that sends 10 000 frames/s delays the others by no more than a tenth (p99)',
    script: 'flood',
    long: ['--json'],
    short: ['--json', '--seconds', '5'],
    limitMinutes: 5,
  },
  {
    name: 'unknown-ids',
    promise:
      'a million unknown ids: at most 16 MiB more memory, no topic, at most one log line a second',
    script: 'unknown-ids',
    long: ['--json'],
    short: ['--json', '--ids', '50000'],
    limitMinutes: 10,
  },
  {
    name: 'replug',
    promise: 'a USB adapter comes back: data flows within two seconds (p99)',
    script: 'replug',
    long: ['--times', '100', '--json'],
    short: ['--times', '5', '--json'],
    limitMinutes: 10,
  },
  {
    name: 'line-faults',
    promise: 'bit errors on serial lines: no wrong reading with CRC-32',
    script: 'line-faults',
    long: ['--frames', '1000000', '--seed', '1', '--json'],
    short: ['--frames', '50000', '--seed', '1', '--json'],
    limitMinutes: 5,
  },
  {
    name: 'simulation',
    promise: 'simulated worlds with every mix of faults: no invariant violated',
    script: 'simulate',
    long: ['--hours', '100000', '--seed', '1', '--json'],
    short: ['--seeds', '1..50', '--json'],
    limitMinutes: 45,
  },
  {
    name: 'attacks',
    promise:
      'attacks on the embedded broker: it lives, a healthy client waits at most twice as long (p99), memory stays within 32 MiB',
    script: 'attacks',
    long: ['--packets', '1000000', '--json'],
    short: ['--packets', '20000', '--json'],
    limitMinutes: 20,
  },
  {
    name: 'leak',
    promise: 'no slow leak: at most 1 MiB an hour',
    script: 'leak',
    long: ['--frames', '3000000', '--json'],
    short: ['--frames', '200000', '--json'],
    limitMinutes: 10,
  },
  {
    name: 'latency',
    promise: 'from the door to a subscriber, by durability (measured, not promised)',
    script: 'latency',
    long: ['--json'],
    short: ['--json', '--seconds', '2'],
    limitMinutes: 10,
  },
]
