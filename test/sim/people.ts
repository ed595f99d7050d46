import type { Random } from '../../firmware-sim/index.js'
import { type Declarations, wordings } from './declarations.js'
import type { Names } from './names.js'
import { type DevicePlan, pick } from './plan.js'

/** What can be asked of a bridge that runs. */
export interface Asked {
  reload(): void
  ask(verb: string, document: object): void
}

export interface PeopleOptions {
  readonly devices: readonly DevicePlan[]
  /** Whether the bridge is asked for new names as well: then the file gives none. */
  readonly isAsked: boolean
  readonly declarations: Declarations
  readonly names: Names
  /** Undefined while no process runs. */
  readonly bridge: () => Asked | undefined
  readonly note: (what: string) => void
}

/** So often what was edited is put into force at once; else a start, or a later reload, finds it. */
const RELOADED = 0.75
const MOST_ALLOWED = 20
const newNames = ['name-0', 'name-1', 'name-2']

/** Who edits the configuration's file and asks the bridge for things, never against what is so. */
export class People {
  readonly #options: PeopleOptions
  /** Device → the id that it was asked to have last. */
  readonly #called = new Map<string, string>()

  constructor(options: PeopleOptions) {
    this.#options = options
  }

  /** Changes something in the file, and mostly has it read. */
  edit(random: Random): void {
    const { devices, declarations, isAsked, bridge, note } = this.#options
    const device = pick(random, devices)
    const { node, fate } = device
    const what = random.below(8)
    if (what === 0) declarations.allow(1 + random.below(MOST_ALLOWED))
    else if (what === 1) declarations.spoil(random.chance(0.5))
    else if (what < 4 && fate === 'leaves') declarations.toggle(node.id)
    else if (what < 7 && mayBeCalled(device) && !isAsked) this.#call(node.id, random)
    else declarations.reword(node.id, pick(random, wordings))
    note(`people edit the file: ${what}, ${node.id}`)
    if (random.chance(RELOADED)) bridge()?.reload()
  }

  /** Asks for something over HTTP. */
  ask(random: Random): void {
    const { devices } = this.#options
    const { node, fate } = pick(random, devices)
    const { id } = node
    const device = this.#nameOf(id)
    if (fate === 'renamed' && random.chance(0.6)) this.#rename(id, this.#nameFor(id, random))
    else if (fate === 'leaves' && random.chance(0.6)) this.#takeOutOrIn(id, random)
    else {
      const verbs = ['device/reset', 'circuit/open', 'circuit/close', 'circuit/reset'] as const
      this.#ask(pick(random, verbs), { device })
    }
  }

  /** The last that they do: the file can be read, and is. */
  settle(): void {
    this.#options.declarations.spoil(false)
    this.#options.bridge()?.reload()
  }

  /** A new name, or that of another one who may be called otherwise, who gets this one's. */
  #call(id: string, random: Random): void {
    const { devices, declarations, names } = this.#options
    const others = devices.filter((one) => mayBeCalled(one) && one.node.id !== id)
    const taken = others.map(({ node }) => declarations.nameOf(node.id))
    const name = pick(random, [id, ...taken, ...taken, ...taken, ...newNames])
    declarations.call(id, name)
    for (const { node } of devices) names.give(node.id, declarations.nameOf(node.id))
  }

  #takeOutOrIn(device: string, random: Random): void {
    if (random.chance(0.5)) this.#ask('device/add', { device, model: device })
    // Nobody takes out one that is to stay, because it was given this id.
    else if (this.#options.names.bearersOf(device).length === 1)
      this.#ask('device/remove', { device })
  }

  /** By the id that it was asked to have last: where that was refused, whoever has that id gets the new one. */
  #rename(id: string, to: string): void {
    const { names } = this.#options
    const device = this.#nameOf(id)
    for (const bearer of names.bearersOf(device)) names.give(bearer, to)
    this.#ask('device/rename', { device, to })
    this.#called.set(id, to)
  }

  /**
   * Its own, a new one, or that of a device that is not declared just now; not of one on a line, which goes on giving it: that
   * is refused where the configuration has the line.
   */
  #nameFor(id: string, random: Random): string {
    const { devices, declarations } = this.#options
    const free = devices.flatMap(({ node, line }) =>
      line !== undefined || declarations.isDeclared(node.id) ? [] : [node.id],
    )
    return pick(random, [id, ...free, ...free, ...newNames])
  }

  #nameOf(id: string): string {
    return this.#called.get(id) ?? id
  }

  #ask(verb: string, document: object): void {
    this.#options.note(`people ask for ${verb} ${JSON.stringify(document)}`)
    this.#options.bridge()?.ask(verb, document)
  }
}

/** What comes by a wire is known by its address there. */
const mayBeCalled = ({ fate, line }: DevicePlan): boolean => fate !== 'stays' && line === undefined
