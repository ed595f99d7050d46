import type { CommandIo } from '../../src/commands/io.js'

export interface RecordedIo extends CommandIo {
  readonly out: string
  readonly err: string
}

/** An outside world for verbs that keeps what they say. */
export function recordedIo(cwd: string, env: CommandIo['env'] = {}): RecordedIo {
  const said = { out: '', err: '' }
  return {
    stdout: (text) => {
      said.out += text
    },
    stderr: (text) => {
      said.err += text
    },
    stdin: (async function* () {})(),
    env,
    cwd,
    signal: new AbortController().signal,
    columns: undefined,
    get out() {
      return said.out
    },
    get err() {
      return said.err
    },
  }
}
