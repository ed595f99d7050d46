/** What a terminal shows of what a program writes to it; throws on what it does not know. */
export class VirtualScreen {
  readonly columns: number
  readonly lines: number
  /** It shows the program's own screen, not the shell's. */
  isAlternate = false
  hasCursor = true
  breaksLines = true
  /** Whether anything was painted in colour. */
  hasColour = false
  #cells: string[][]
  #row = 0
  #column = 0
  #rest = ''

  constructor(columns: number, lines: number) {
    this.columns = columns
    this.lines = lines
    this.#cells = this.#blank()
  }

  get text(): string[] {
    return this.#cells.map((row) => row.join('').trimEnd())
  }

  write(text: string): void {
    let rest = this.#rest + text
    this.#rest = ''
    while (rest !== '') {
      if (rest.startsWith('\u001b')) {
        const [sequence, mark, numbers = '', command = ''] =
          /^\[(\??)([\d;]*)([A-Za-z])/.exec(rest.slice(1)) ?? []
        if (sequence === undefined) {
          if (rest.length > 12) throw new Error(`not known: ${JSON.stringify(rest.slice(0, 12))}`)
          this.#rest = rest
          return
        }
        this.#obey(`${mark}${command}`, numbers.split(';').map(Number))
        rest = rest.slice(1 + sequence.length)
      } else {
        const character = String.fromCodePoint(rest.codePointAt(0) ?? 0)
        this.#put(character)
        rest = rest.slice(character.length)
      }
    }
  }

  #obey(command: string, [first = 0, second = 0]: readonly number[]): void {
    if (command === 'H') {
      this.#row = Math.max(1, first) - 1
      this.#column = Math.max(1, second) - 1
    } else if (command === 'K') this.#cells[this.#row]?.fill(' ', this.#column)
    else if (command === 'J' && first === 2) this.#cells = this.#blank()
    else if (command === 'm') this.hasColour ||= first >= 30
    else if (command === '?h' || command === '?l') this.#set(first, command === '?h')
    else throw new Error(`not known: ${command}`)
  }

  #set(mode: number, on: boolean): void {
    if (mode === 1049) this.isAlternate = on
    else if (mode === 25) this.hasCursor = on
    else if (mode === 7) this.breaksLines = on
    else throw new Error(`not known: mode ${mode}`)
  }

  #put(character: string): void {
    // What goes on on the shell's own screen is its business.
    if (!this.isAlternate && this.breaksLines) return
    if (character === '\r') this.#column = 0
    else if (character === '\n') this.#row++
    else {
      const row = this.#cells[this.#row]
      if (!row || this.#column >= this.columns)
        throw new Error(`written outside the screen: line ${this.#row}, column ${this.#column}`)
      row[this.#column++] = character
    }
  }

  #blank(): string[][] {
    return Array.from({ length: this.lines }, () => Array<string>(this.columns).fill(' '))
  }
}
