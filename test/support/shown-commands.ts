import { expect } from 'vitest'
import { Program } from '../e2e/program.js'

/** A call of the program as the documentation shows it. */
export interface ShownCommand {
  readonly verb: string
  readonly sub: string | undefined
  readonly options: readonly string[]
}

/** The calls of `alec-bridge`, or of `npm start`, in lines of shell or code. */
export const shownCommands = (lines: readonly string[]): ShownCommand[] =>
  lines.flatMap((line) => {
    const [, verb, rest = ''] =
      /(?:^|\| )(?:npx )?alec-bridge (\w+)([^|]*)/.exec(line) ??
      /^npm (start) --(.*)/.exec(line) ??
      []
    const [, sub] = verb === 'context' ? (/^ (show|export|import)/.exec(rest) ?? []) : []
    const options = rest.replace(/#.*/, '').match(/(?<=\s)--?[a-z][a-z-]*/g) ?? []
    return verb ? [{ verb: verb === 'start' ? 'demo' : verb, sub, options }] : []
  })

/** Options that the program does not have, and verbs that it does not know. */
export async function unknownOptions(commands: readonly ShownCommand[]): Promise<string[]> {
  const words = new Set(commands.map(({ verb, sub }) => (sub ? `${verb} ${sub}` : verb)))
  const help = new Map(
    await Promise.all(
      [...words].map(async (line) => [line, optionsIn(await helpOf(...line.split(' ')))] as const),
    ),
  )
  return commands.flatMap(({ verb, sub, options }) => {
    const known = help.get(sub ? `${verb} ${sub}` : verb)
    return options.filter((option) => !known?.has(option)).map((option) => `${verb} ${option}`)
  })
}

/** What the program says of a verb; there has to be one of this name. */
export async function helpOf(...verb: string[]): Promise<string> {
  const program = Program.start([...verb, '--help'])
  expect(await program.ended(), `alec-bridge ${verb.join(' ')} --help`).toBe(0)
  return program.stdout.text
}

export const optionsIn = (help: string): ReadonlySet<string> =>
  new Set(
    Array.from(help.matchAll(/^ {2}(?:(-\w), )?(--[a-z-]+)/gm)).flatMap(([, ...names]) => names),
  )
