/** Under which ids devices were ever known to the bridge: each under its own, and some under that of another. */
export class Names {
  readonly #bearers = new Map<string, Set<string>>()

  constructor(devices: readonly string[]) {
    for (const device of devices) this.#bearers.set(device, new Set([device]))
  }

  /** From now on readings under this id may be of that device. */
  give(device: string, id: string): void {
    const bearers = this.#bearers.get(id) ?? new Set()
    this.#bearers.set(id, bearers.add(device))
  }

  /** The devices that an id may ever have meant. */
  bearersOf(id: string): readonly string[] {
    return [...(this.#bearers.get(id) ?? [])]
  }

  /** The ids that a device was ever to be known under, those first that the fewest others were. */
  of(device: string): readonly string[] {
    return [...this.#bearers]
      .filter(([, bearers]) => bearers.has(device))
      .sort(([, some], [, others]) => some.size - others.size)
      .map(([id]) => id)
  }
}
