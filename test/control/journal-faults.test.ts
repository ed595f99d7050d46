import { describe, expect, it } from 'vitest'
import { mulberry, testSeed } from '../support/mulberry.js'
import type { SimDisk } from '../support/sim-disk.js'
import { JournalRig, measuredDevices, type Said } from './journal-rig.js'

const RUNS = 60
const STEPS = 250

/** A bridge's inside that is stopped, killed and robbed of power while its broker comes and goes. */
class Course {
  readonly #random: () => number
  readonly #devices = measuredDevices()
  /** What was measured, by device and number of the frame. */
  readonly #truth = new Map([...this.#devices.keys()].map((id) => [id, [] as string[]]))
  /** `device/seq` of every frame whose door was told that it is safe. */
  readonly accepted = new Set<string>()
  /** What came out between two losses or ends of the process. */
  readonly stretches: (readonly Said[])[] = []
  #rig!: JournalRig
  #life = 0

  constructor(seed: number) {
    this.#random = mulberry(seed)
  }

  async run(): Promise<void> {
    this.#rig = await JournalRig.start(this.#options)
    for (let step = 0; step < STEPS; step++) await this.#step()
    const { outlet } = this.#rig
    outlet.prompt = true
    outlet.acknowledge()
    this.#rig.makeRoom()
    await this.#rig.settle(3000)
    this.#rig.makeRoom()
    await this.#rig.settle(3000)
    this.stretches.push(outlet.said)
  }

  wrong(): string[] {
    return this.stretches.flat().flatMap(({ device, epoch, seq, text }) => {
      const truth = this.#truth.get(device)?.[seq]
      return !text.startsWith('good') || text === truth
        ? []
        : [`${device} ${epoch}/${seq}: ${text}, measured ${truth}`]
    })
  }

  // A disk that only is slow: what is passed on without it is no function of the journal.
  readonly #options = { limits: { segmentBytes: 2048, checkpointMs: 1, stuckMs: 1e9 } }

  async #step(): Promise<void> {
    const rig = this.#rig
    const dice = this.#random()
    if (dice < 0.6) for (const id of this.#devices.keys()) this.#send(id)
    else if (dice < 0.7) rig.outlet.acknowledge(Math.floor(this.#random() * 6))
    else if (dice < 0.75) rig.outlet.prompt = !rig.outlet.prompt
    else if (dice < 0.8) rig.outlet.open = false
    else if (dice < 0.88) rig.makeRoom()
    else if (dice < 0.91) this.#lose()
    else if (dice < 0.93) rig.clock.advance(60_000)
    else if (dice < 0.95) await this.#restart(rig.disk.kill())
    else if (dice < 0.97) await this.#restart(rig.disk.crash(this.#random))
    else if (dice < 0.98) {
      await rig.settle()
      await rig.stop()
      await this.#restart(rig.disk)
    }
    // Not always long enough for the disk to finish.
    await this.#rig.settle(Math.floor(this.#random() * 60))
  }

  #send(id: string): void {
    const measured = this.#truth.get(id)!
    const key = `${id}/${measured.length}`
    const life = this.#life
    // What a dead process hears, nobody hears.
    const taken = () => life === this.#life && this.accepted.add(key)
    const truth = this.#rig.send(id, this.#devices.get(id)!, taken)
    measured.push(`good ${[...truth.values()].map((value) => `${value}±0`).join(' ')}`)
  }

  #lose(): void {
    this.stretches.push(this.#rig.outlet.said.splice(0))
    this.#rig.lose()
  }

  async #restart(disk: SimDisk): Promise<void> {
    this.#life++
    this.stretches.push(this.#rig.outlet.said.slice())
    this.#rig = await JournalRig.start({ ...this.#options, disk, clock: this.#rig.clock })
  }
}

describe(`a bridge's inside under every mix of ends and losses (seed ${testSeed})`, () => {
  it('F-43, F-44: publishes every accepted frame, in order, under one key, and nothing wrong', async () => {
    for (let run = 0; run < RUNS; run++) {
      const course = new Course(testSeed + run)
      await course.run()
      const what = `seed ${testSeed + run}`
      const said = course.stretches.flat()
      const published = new Set(said.map(({ device, seq }) => `${device}/${seq}`))
      expect(
        [...course.accepted].filter((key) => !published.has(key)),
        what,
      ).toEqual([])
      expect(course.accepted.size, what).toBeGreaterThan(50)
      expect(course.wrong(), what).toEqual([])
      for (const stretch of course.stretches) {
        for (const id of ['d1', 'd2']) {
          const keys = stretch.filter(({ device }) => device === id)
          const order = keys.map(({ epoch, seq }) => epoch * 1e9 + seq)
          expect(order, what).toEqual([...new Set(order)].sort((a, b) => a - b))
        }
      }
      const texts = new Map<string, string>()
      for (const { device, epoch, seq, text } of said) {
        const key = `${device}/${epoch}/${seq}`
        expect(texts.get(key) ?? text, `${what} ${key}`).toBe(text)
        texts.set(key, text)
      }
    }
  })
})
