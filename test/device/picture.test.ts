import { describe, expect, it } from 'vitest'
import type { Fleet, KeptDevice, Picture } from '../../src/device/index.js'
import { printExact } from '../../src/journal/exact-json.js'
import { heardFleet } from '../support/heard-fleet.js'
import { mulberry, testSeed } from '../support/mulberry.js'
import { allTrafficFaults, trafficOf } from '../support/traffic.js'

const linesOf = (devices: Iterable<readonly [string, unknown]>): string[] =>
  Array.from(devices, ([id, state]) => `${id} ${printExact(state)}`)

const traffic = trafficOf(
  testSeed,
  ['compact', 'closed-loop', 'adaptive', 'mixed', 'single'],
  120,
  allTrafficFaults,
)
const [anyone = ''] = traffic.devices.keys()

/** A picture that is being gone through, and what it has to come to. */
class Taken {
  readonly #due: string
  readonly #picture: Picture
  readonly #rest: Iterator<readonly [string, KeptDevice]>
  readonly #lines: string[] = []

  constructor(fleet: Fleet) {
    this.#due = linesOf(fleet.save()).sort().join('\n')
    this.#picture = fleet.picture()
    this.#rest = this.#picture[Symbol.iterator]()
  }

  /** Goes one device on; false at the end. */
  next(): boolean {
    const next = this.#rest.next()
    if (!next.done) this.#lines.push(...linesOf([next.value]))
    return !next.done
  }

  finish(): void {
    while (this.next()) {}
    this.#picture.end()
    expect(this.#lines.sort().join('\n')).toBe(this.#due)
  }
}

describe('a picture of a fleet', () => {
  it.each([1, 2, 1000])(
    'is of the moment when it was begun, whatever its devices do meanwhile, with %i rooms',
    (mostRooms) => {
      const random = mulberry(testSeed)
      const { fleet } = heardFleet(traffic, {
        mostRooms,
        reorderWindows: new Map([['door', 3]]),
      })
      const taken: Taken[] = []
      const done: Taken[] = []
      for (const frame of traffic.frames) {
        if (random() < 0.05) taken.push(new Taken(fleet))
        if (fleet.admits(frame)) fleet.accept(frame)
        if (random() < 0.1) fleet.release(frame.mono)
        const facts = { linkUp: random() < 0.9, lineNoisy: false }
        const around = { mono: frame.mono, wall: frame.wall, clockSynced: true }
        if (random() < 0.1)
          fleet.sweep(
            around,
            () => facts,
            () => {},
          )
        for (const one of taken) if (random() < 0.3 && !one.next()) done.push(one)
      }
      expect(taken.length).toBeGreaterThan(5)
      expect(done.length).toBeGreaterThan(0)
      for (const one of taken) one.finish()
    },
  )

  it('has who has gone, moved, begun anew or been restored meanwhile, and none who has come', () => {
    const { fleet } = heardFleet(traffic)
    for (const frame of traffic.frames) if (fleet.admits(frame)) fleet.accept(frame)
    const at = { mono: 1e9, wall: 1e9 }
    const [gone = '', moved = '', renewed = '', restored = ''] = traffic.devices.keys()
    const kept = fleet.saveDevice(gone)
    const taken = new Taken(fleet)
    fleet.forget(gone)
    fleet.obey({ do: 'plan', plan: planWith(fleet, gone, moved), renamed: [[moved, 'new']] }, at)
    fleet.renew(renewed, at)
    fleet.restoreDevice(restored, kept)
    expect(fleet.session('new')).toBeDefined()
    taken.finish()
  })

  it('is of those who were there where seats were free', () => {
    const { fleet } = heardFleet(traffic)
    fleet.forget(anyone)
    const taken = new Taken(fleet)
    fleet.restoreDevice(anyone, undefined)
    taken.finish()
  })

  it('costs nothing any more once it has ended, however far it was', () => {
    const { fleet } = heardFleet(traffic)
    const picture = fleet.picture()
    const laidAside: string[] = []
    const before = picture.before.bind(picture)
    picture.before = (session) => {
      laidAside.push(session.id)
      before(session)
    }
    const [first, second] = traffic.frames
    fleet.accept(first!)
    expect(laidAside).toContain(first!.device)
    picture.end()
    laidAside.length = 0
    fleet.accept(second!)
    expect(laidAside).toEqual([])
    expect([...picture]).not.toContainEqual([first!.device, expect.anything()])
  })
})

/** The plan without a device, and with another under a new name. */
function planWith(fleet: Fleet, gone: string, moved: string) {
  const { document } = fleet
  const devices = Object.entries(document.devices).map(([model, ids]) => [
    model,
    ids.filter((id) => id !== gone).map((id) => (id === moved ? 'new' : id)),
  ])
  return { ...document, devices: Object.fromEntries(devices) }
}
