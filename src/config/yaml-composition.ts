import { Composer, type CST, type Document, isMap, Lexer, type LineCounter, Parser } from 'yaml'
import { CommonValues, type Items } from './yaml-common.js'

/** Nodes that the parser holds open at once. An honest file needs about fifteen. */
const MAX_OPEN_NODES = 100
/** So many devices are taken from the parser at a time. */
const MANY = 1024
/** So many lexemes are about a hundred devices. */
const LEXEMES_IN_A_ROW = 1024
/** The parser looks back at so many items of a map. */
const LOOKED_BACK_AT = 2
/** Keys are compared by the reader of the nodes, in linear time and in the form that they will have. */
const OPTIONS = { version: '1.2', uniqueKeys: false } as const

export interface Composition {
  readonly documents: readonly Document.Parsed[]
  readonly tooDeepAt?: number
}

/**
 * The library's own way from text to documents, taken step by step: it composes recursively, and on a file of
 * 100 000 brackets that ends the process, out of reach of any catch. The parser's stack shows the depth in time.
 * Where not `withPlaces`, devices of a large fleet that say the same share it, with the places of the first.
 */
export function compose(text: string, lines: LineCounter, withPlaces = false): Composition {
  const parser = new Parser(lines.addNewLine)
  const composer = new Composer(OPTIONS)
  const documents: Document.Parsed[] = []
  const devices = new ManyDevices(parser, withPlaces)
  // The parser tells of line breaks, and none comes before the first line.
  lines.addNewLine(0)
  let lexemes = 0
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) {
      if (token.type === 'directive') devices.isOff = true
      documents.push(...composer.next(token))
    }
    if (parser.stack.length > MAX_OPEN_NODES) return { documents, tooDeepAt: parser.offset }
    if (++lexemes % LEXEMES_IN_A_ROW === 0) devices.take()
  }
  for (const token of parser.end()) documents.push(...composer.next(token))
  documents.push(...composer.end(true, text.length))
  devices.giveBack(documents[0])
  return { documents }
}

/**
 * Devices of a large fleet, composed while the text is still being read: the document is the same.
 *
 * measured: what the parser makes of 100 000 devices takes 170 MB, what the composer makes of that 80 MB.
 */
class ManyDevices {
  /** A directive would have to be known to whoever composes. */
  isOff = false
  readonly #parser: Parser
  /** By where the map begins: a mistaken file may have two of them. */
  readonly #taken = new Map<number, Items>()
  readonly #common: CommonValues | undefined
  readonly #errors: Document.Parsed['errors'] = []
  readonly #warnings: Document.Parsed['warnings'] = []

  constructor(parser: Parser, withPlaces: boolean) {
    this.#parser = parser
    this.#common = withPlaces ? undefined : new CommonValues()
  }

  /** Takes from the parser what it is done with. */
  take(): void {
    const [, root, map] = this.#parser.stack
    if (this.isOff || root?.type !== 'block-map' || map?.type !== 'block-map') return
    if (map.items.length < MANY || !isDevices(root.items.at(-1)?.key)) return
    const items = map.items.splice(0, map.items.length - LOOKED_BACK_AT)
    const { offset, indent } = map
    const value = { type: 'block-map', offset, indent, items } as const
    const composer = new Composer(OPTIONS)
    const part = [
      ...composer.next({ type: 'document', offset, start: [], value }),
      ...composer.end(),
    ]
    const pairs = this.#taken.get(offset) ?? []
    this.#taken.set(offset, pairs)
    for (const { contents, errors, warnings } of part) {
      if (isMap(contents))
        for (const pair of contents.items) pairs.push(this.#common?.lighter(pair) ?? pair)
      this.#errors.push(...errors)
      this.#warnings.push(...warnings)
    }
  }

  /** Puts them where they were taken from. */
  giveBack(document: Document.Parsed | undefined): void {
    if (!document || this.#taken.size === 0) return
    document.errors = this.#errors.concat(document.errors)
    document.warnings = this.#warnings.concat(document.warnings)
    const maps = isMap(document.contents) ? document.contents.items : []
    for (const { value } of maps) {
      const pairs = isMap(value) ? this.#taken.get(value.range[0]) : undefined
      if (isMap(value) && pairs) value.items = pairs.concat(value.items)
    }
  }
}

const NAME = 'devices'

const isDevices = (key: CST.Token | null | undefined): boolean =>
  key?.type === 'scalar' && key.source === NAME
