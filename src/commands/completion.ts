import { Argument, type Command } from 'commander'
import { loadConfiguration } from '../config/index.js'
import { candidates } from './completion-candidates.js'
import { FILES_MARK, SHELLS, type Shell, scripts } from './completion-scripts.js'
import { type CommandIo, Exit } from './io.js'

/** Adds the verb that prints what a shell reads, and the hidden one that the shell then asks at each press of Tab. */
export function addCompletion(program: Command, io: CommandIo): void {
  program
    .command('completion')
    .description('print the completion of verbs, options, files and device ids for a shell')
    .addArgument(new Argument('<shell>', 'which one').choices(SHELLS))
    .addHelpText(
      'after',
      `
Examples:
  alec-bridge completion bash > /etc/bash_completion.d/alec-bridge
  alec-bridge completion zsh > /usr/local/share/zsh/site-functions/_alec-bridge
  alec-bridge completion fish > ~/.config/fish/completions/alec-bridge.fish`,
    )
    .action((shell: Shell) => io.stdout(scripts[shell]))

  program
    .command('complete', { hidden: true })
    .argument('[words...]')
    .action((words: string[]) => {
      io.stdout(complete(program, words, io))
      process.exitCode = Exit.ok
    })
}

/** How the last word can go on: one candidate a line, what it is after a tab. */
function complete(program: Command, words: readonly string[], io: CommandIo): string {
  const { values, files } = candidates(program, words, (config) => deviceIds(config, io))
  const lines = values.map(({ value, description }) =>
    description === '' ? value : `${value}\t${description}`,
  )
  return [...lines, ...(files ? [FILES_MARK] : [])].map((line) => `${line}\n`).join('')
}

/** Those of a configuration that holds; whoever presses Tab asks for no problems. */
function deviceIds(config: string | undefined, { env, cwd }: CommandIo): readonly string[] {
  const path = config?.replace(/^~(?=\/)/, env.HOME ?? '~')
  const outcome = loadConfiguration({ ...(path !== undefined && { path }), env, cwd })
  return outcome.ok ? [...outcome.configuration.devices.keys()] : []
}
