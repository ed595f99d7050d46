import { inFileOrder, type Path, type Place, type Problem, problemAt } from './problem.js'
import type { SourceTree } from './source-tree.js'

/** Everything that is wrong or doubtful with one configuration, with its places. */
export class Findings {
  readonly #file: string | undefined
  readonly #tree: SourceTree
  readonly #problems: Problem[] = []
  readonly #warnings: Problem[] = []

  constructor(tree: SourceTree, file?: string) {
    this.#tree = tree
    this.#file = file
  }

  get problems(): Problem[] {
    return inFileOrder(this.#problems)
  }

  get warnings(): Problem[] {
    return inFileOrder(this.#warnings)
  }

  problem(path: Path, message: string): void {
    this.problemOf(this.#tree.placeOf(path), path, message)
  }

  /** Whether anything was written there, be it right or wrong. */
  isWritten(path: Path): boolean {
    return this.#tree.at(path) !== undefined
  }

  /** For what is wrong with a key, whatever its value. */
  keyProblem(path: Path, message: string): void {
    this.problemOf(this.#tree.keyPlaceOf(path), path, message)
  }

  problemOf(place: Place | undefined, path: Path, message: string): void {
    this.#problems.push(problemAt(this.#file, place, path, message))
  }

  warning(path: Path, message: string): void {
    this.#warnings.push(problemAt(this.#file, this.#tree.placeOf(path), path, message))
  }

  keyWarning(path: Path, message: string): void {
    this.#warnings.push(problemAt(this.#file, this.#tree.keyPlaceOf(path), path, message))
  }
}
