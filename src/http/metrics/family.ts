import { Counter, Gauge, Registry } from 'prom-client'

export type Labels = Readonly<Record<string, string>>

/** One number, and what tells it from the others of its family. */
export type Sample = readonly [value: number, labels?: Labels]

/** A metric: what it is called, what it means, and how its samples are read when somebody asks. */
export interface Family {
  /** Without its prefix; counters end in `_total`, and units are seconds and bytes. */
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge'
  readonly labels?: readonly string[]
  /** Counters give what they have counted since they began, not since they were asked last. */
  read(): Iterable<Sample>
}

const PREFIX = 'alec_bridge_'
/** What every exporter calls so, whatever it exports. */
const COMMON = /^process_/

/** The whole name of a metric. */
export const nameOf = ({ name }: Pick<Family, 'name'>): string =>
  COMMON.test(name) ? name : `${PREFIX}${name}`

/** Families that are read whenever the registry is: nothing is counted twice, and what is gone has no series. */
export function registryOf(families: readonly Family[]): Registry {
  const registry = new Registry()
  for (const family of families) {
    const { help, type, labels = [], read } = family
    const options = {
      name: nameOf(family),
      help,
      labelNames: [...labels],
      registers: [registry],
    }
    if (type === 'counter') {
      new Counter({
        ...options,
        collect() {
          this.reset()
          for (const [value, at] of read()) this.inc(at ?? {}, value)
        },
      })
    } else {
      new Gauge({
        ...options,
        collect() {
          this.reset()
          for (const [value, at] of read()) this.set(at ?? {}, value)
        },
      })
    }
  }
  return registry
}

/** A sample for each of a record's numbers, under a label with its key. */
export const byLabel = (
  label: string,
  counts: Readonly<Record<string, number>>,
  rest: Labels = {},
): Sample[] => Object.entries(counts).map(([key, count]) => [count, { ...rest, [label]: key }])

/** How often each of these words comes, those that never come among them. */
export function tallyOf(words: readonly string[], found: Iterable<string>): Record<string, number> {
  const counts = Object.fromEntries(words.map((word) => [word, 0]))
  for (const word of found) counts[word] = (counts[word] ?? 0) + 1
  return counts
}
