import type { Argument, Command, Option } from 'commander'

export interface Candidate {
  readonly value: string
  readonly description: string
}

export interface Candidates {
  readonly values: readonly Candidate[]
  /** Whether the shell shall offer its files too. */
  readonly files: boolean
}

/** The ids of the devices of a configuration; its file where a word on the line names one. */
export type DeviceIds = (config: string | undefined) => readonly string[]

const NONE: Candidates = { values: [], files: false }
const FILES: Candidates = { values: [], files: true }

/** What an option or argument takes, by the name of its value in the help. */
const FILE_VALUES: ReadonlySet<string> = new Set(['file', 'path', 'dir'])

/**
 * What the last of the words may become, in a command line without the program's name. It follows the program's own tree of
 * verbs, so that it knows each verb and option from the day that it is there.
 */
export function candidates(
  program: Command,
  line: readonly string[],
  deviceIds: DeviceIds,
): Candidates {
  const { before, current } = split(line)
  const { command, taken, config, pending, isOperandsOnly } = placeAfter(before, program)
  const ids = () => (hasConfig(command) ? deviceIds(config) : [])
  if (pending) return fitting(current, ofOption(pending, ids))
  if (!isOperandsOnly && current.startsWith('-')) return fitting(current, optionsOf(command))
  if (taken === 0 && command.commands.length > 0) return fitting(current, verbsOf(command))
  return fitting(current, ofArgument(argumentAt(command, taken), ids))
}

/** Where a line has got to. */
interface Place {
  command: Command
  /** Arguments of the command so far. */
  taken: number
  config?: string
  /** The option whose value comes next. */
  pending?: Option | undefined
  isOperandsOnly: boolean
}

function placeAfter(words: readonly string[], program: Command): Place {
  const place: Place = { command: program, taken: 0, isOperandsOnly: false }
  for (const word of words) {
    const { command, pending, isOperandsOnly } = place
    if (pending) {
      if (pending.long === '--config') place.config = word
      place.pending = undefined
    } else if (!isOperandsOnly && word.startsWith('-')) {
      if (word === '--') place.isOperandsOnly = true
      else place.pending = optionOf(command, word)
    } else {
      const verb = place.taken === 0 ? verbOf(command, word) : undefined
      if (verb) place.command = verb
      else place.taken++
    }
  }
  return place
}

/** `--config=file` is two words to us; bash makes three of it. */
function split(line: readonly string[]): { before: readonly string[]; current: string } {
  const words = line.flatMap((word, index) => {
    if (word === '=') return index === line.length - 1 ? [''] : []
    const [, option, value] = /^(--[^=]+)=(.*)$/s.exec(word) ?? []
    return option === undefined || value === undefined ? [word] : [option, value]
  })
  return { before: words.slice(0, -1), current: words.at(-1) ?? '' }
}

const verbOf = ({ commands }: Command, word: string): Command | undefined =>
  commands.find((command) => command.name() === word)

const hasConfig = ({ options }: Command): boolean => options.some(({ long }) => long === '--config')

/** The option that a word names, if a value follows it. */
function optionOf({ options }: Command, word: string): Option | undefined {
  const option = options.find(({ long, short }) => word === long || word === short)
  return option?.required || option?.optional ? option : undefined
}

const visibleVerbs = (command: Command): readonly Command[] =>
  command.createHelp().visibleCommands(command)

const verbsOf = (command: Command): Candidates => ({
  values: visibleVerbs(command).map((verb) => ({
    value: verb.name(),
    description: verb.description(),
  })),
  files: false,
})

const optionsOf = (command: Command): Candidates => ({
  values: command
    .createHelp()
    .visibleOptions(command)
    .flatMap(({ long, description }) => (long ? [{ value: long, description }] : [])),
  files: false,
})

/** The last argument takes all that follows, where it may be given more than once. */
function argumentAt({ registeredArguments }: Command, position: number): Argument | undefined {
  const last = registeredArguments.at(-1)
  return registeredArguments[position] ?? (last?.variadic ? last : undefined)
}

function ofOption({ long, flags, argChoices }: Option, ids: () => readonly string[]): Candidates {
  if (argChoices) return plain(argChoices)
  if (long === '--device') return plain(ids())
  const [, name = ''] = /[<[]([\w-]+)/.exec(flags) ?? []
  return FILE_VALUES.has(name) ? FILES : NONE
}

function ofArgument(argument: Argument | undefined, ids: () => readonly string[]): Candidates {
  if (!argument) return NONE
  if (argument.argChoices) return plain(argument.argChoices)
  if (argument.name() === 'device') return plain(ids())
  return FILE_VALUES.has(argument.name()) ? FILES : NONE
}

const plain = (values: readonly string[]): Candidates => ({
  values: values.map((value) => ({ value, description: '' })),
  files: false,
})

const fitting = (start: string, { values, files }: Candidates): Candidates => ({
  values: values.filter(({ value }) => value.startsWith(start)),
  files,
})
