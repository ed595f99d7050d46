import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  type Scalar,
  type YAMLMap,
} from 'yaml'
import type { Path, Place } from './problem.js'
import {
  isLeftUnread,
  isRawMap,
  type Mark,
  type Marked,
  type RawMap,
  rawMap,
  SourceTree,
} from './source-tree.js'

/** Something that is wrong before a value has a path. */
export interface ReadFault {
  readonly place: Place
  /** Of the map or list that it is in. */
  readonly path: Path
  readonly message: string
}

/** What a text holds; no tree where it is not YAML at all. */
export interface ReadResult {
  readonly tree?: SourceTree
  readonly faults: readonly ReadFault[]
}

/** Values that aliases may copy in all: ten lines of aliases of aliases stand for billions. */
const MAX_COPIES = 10_000
/** Chains of aliases get deeper than the text is. */
const MAX_DEPTH = 32

/** Turns a document without syntax errors into values with places; `again` gives the same document once more. */
export function plant(
  document: Document.Parsed,
  placeAt: (offset: number) => Place,
  again: () => Document.Parsed | undefined,
): ReadResult {
  const planting = new Planting(placeAt, (path) => !isLeftUnread(path))
  if (isEmpty(document.contents)) {
    return { faults: [{ place: placeAt(0), path: [], message: 'the file is empty' }] }
  }
  const unread = () => {
    const others = new Planting(placeAt, isLeftUnread)
    others.value(again()?.contents, [])
    return others.marks
  }
  const tree = new SourceTree(planting.value(document.contents, []), unread)
  for (const [path, mark] of planting.marks) tree.mark(path, mark)
  return { tree, faults: planting.faults }
}

/** A copy: a part of a text would keep all of it, for as long as the configuration lives. */
const ownText = (part: string): string => ` ${part}`.slice(1)

/** Nothing at all, or nothing but comments. */
const isEmpty = (contents: unknown): boolean =>
  contents === null || (isScalar(contents) && contents.value === null && contents.source === '')

class Planting {
  readonly marks: Marked[] = []
  readonly faults: ReadFault[] = []
  readonly #placeAt: (offset: number) => Place
  readonly #isMarked: (path: Path) => boolean
  /** In the order of the document, so that an alias finds the latest anchor before it. */
  readonly #anchors = new Map<string, Node>()
  /** The nodes that are being read now: an alias to one of them would never end. */
  readonly #open = new Set<Node>()
  readonly #faulty = new Set<unknown>()
  #copies = 0
  #tooMuch = false

  constructor(placeAt: (offset: number) => Place, isMarked: (path: Path) => boolean) {
    this.#placeAt = placeAt
    this.#isMarked = isMarked
  }

  /** `copied` is true for what an alias repeats. */
  value(node: unknown, path: Path, key?: Place, copied = false): unknown {
    if (isAlias(node)) return this.#alias(node, path, key)
    if (!isMap(node) && !isSeq(node) && !isScalar(node)) return null
    if (node.anchor) this.#anchors.set(node.anchor, node)
    if (path.length > MAX_DEPTH || (copied && ++this.#copies > MAX_COPIES)) {
      if (!this.#tooMuch)
        this.#fault(node, path, 'nested too deeply, or copied too often by aliases')
      this.#tooMuch = true
      return null
    }
    if (this.#isMarked(path)) this.marks.push([path, this.#mark(node, key)])
    if (isScalar(node)) return typeof node.value === 'string' ? ownText(node.value) : node.value
    this.#open.add(node)
    const value = isMap(node)
      ? this.#map(node, path, copied)
      : node.items.map((item, index) => this.value(item, [...path, index], undefined, copied))
    this.#open.delete(node)
    return value
  }

  #mark(node: Scalar | Node, key: Place | undefined): Mark {
    const written = isScalar(node) && typeof node.value !== 'string' ? node.source : undefined
    return {
      value: this.#place(node),
      ...(key && { key }),
      ...(written !== undefined && { written }),
    }
  }

  #alias(alias: Alias, path: Path, key: Place | undefined): unknown {
    const target = this.#target(alias, path)
    return target ? this.value(target, path, key, true) : null
  }

  #target(alias: Alias, path: Path): Node | undefined {
    const target = this.#anchors.get(alias.source)
    // Without its name: what was meant to be a password may begin with a star.
    if (!target) this.#fault(alias, path, 'no such anchor (text that begins with * needs quotes)')
    else if (this.#open.has(target)) this.#fault(alias, path, 'this alias holds itself')
    else return target
    return undefined
  }

  #map(map: YAMLMap, path: Path, copied: boolean): RawMap {
    const values = rawMap()
    const merged: Pair[] = []
    for (const pair of map.items) {
      if (isScalar(pair.key) && pair.key.source === '<<' && pair.key.type === 'PLAIN') {
        merged.push(pair)
        continue
      }
      const key = this.#key(pair, path)
      if (key === undefined) continue
      if (Object.hasOwn(values, key)) {
        this.#fault(pair.key, path, 'this key stands twice in one map')
        continue
      }
      values[key] = this.value(pair.value, [...path, key], this.#place(pair.key), copied)
    }
    // The map's own keys win wherever the merge stands, and of two merged maps the first.
    for (const pair of merged) this.#merge(pair, values, path)
    return values
  }

  #merge({ key, value }: Pair, into: RawMap, path: Path): void {
    for (const item of isSeq(value) ? value.items : [value]) {
      const target = isAlias(item) ? this.#target(item, path) : item
      if (!isMap(target)) {
        if (target) this.#fault(key, path, '<< takes a map, an alias of one, or a list of these')
        continue
      }
      const before = this.marks.length
      const values = this.value(target, path, undefined, true)
      this.#take(isRawMap(values) ? values : rawMap(), into, path, before)
    }
  }

  /** Adds what `into` does not have, and drops the marks, from `before` on, of what it has. */
  #take(values: RawMap, into: RawMap, path: Path, before: number): void {
    const marks = this.marks.splice(before)
    const taken = Object.keys(values).filter((key) => !Object.hasOwn(into, key))
    for (const key of taken) into[key] = values[key]
    const kept = new Set<unknown>(taken)
    this.marks.push(...marks.filter(([at]) => kept.has(at[path.length])))
  }

  #key({ key }: Pair, path: Path): string | undefined {
    if (!isScalar(key)) {
      this.#fault(key, path, 'keys are plain text')
      return undefined
    }
    // An address, a number or a long id is a key as it is written.
    const text = typeof key.value === 'string' ? key.value : (key.source ?? String(key.value))
    if (text !== '__proto__') return text
    this.#fault(key, path, `${text} is no key of a configuration`)
    return undefined
  }

  #fault(at: unknown, path: Path, message: string): void {
    // What aliases copy is read, and found wrong, once for each copy.
    if (this.#faulty.has(at)) return
    this.#faulty.add(at)
    this.faults.push({ place: this.#place(at), path, message })
  }

  #place(node: unknown): Place {
    const range = isAlias(node) || isMap(node) || isSeq(node) || isScalar(node) ? node.range : null
    return this.#placeAt(range?.[0] ?? 0)
  }
}
