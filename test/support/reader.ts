import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { assertBuilt, CLI, Program } from '../e2e/program.js'
import { temporaryDirectory } from './temporary-directory.js'

/**
 * A reader of the documentation who types what it shows, letter by letter: with `npx alec-bridge` and the clients of
 * Mosquitto at hand, in a directory of his own, and with the broker of the test in place of the one on port 1883.
 */
export class Reader {
  readonly directory = temporaryDirectory('alec-reader-')
  /** Everything that readers have typed, as it is shown. */
  static readonly typed = new Set<string>()

  constructor(brokerPort: number) {
    assertBuilt()
    mkdirSync(join(this.directory, 'bin'))
    this.#command(
      'npx',
      `[ "$1" = alec-bridge ] || exit 64; shift; exec "${process.execPath}" "${CLI}" "$@"`,
    )
    for (const client of ['mosquitto_pub', 'mosquitto_sub']) {
      // The last of two ports is the one that counts; what it does is told beside what it hears, line by line.
      const listening = client === 'mosquitto_sub'
      this.#command(
        client,
        `PATH='${process.env.PATH}' exec ${listening ? `stdbuf -oL ${client} -d` : client} "$@" -p ${brokerPort}`,
      )
    }
  }

  /** Writes a file beside him, as he would in an editor. */
  put(name: string, text: string): void {
    writeFileSync(join(this.directory, name), text)
  }

  /** Types lines, with what is his own in place of what is shown, and goes on until one of them fails. */
  types(shown: string, own: (shown: string) => string = (same) => same): Program {
    for (const line of commandsIn(shown)) Reader.typed.add(line)
    const script = own(shown)
    const home = `HOME='${this.directory}' XDG_STATE_HOME='${join(this.directory, 'state-home')}'`
    const path = `PATH='${join(this.directory, 'bin')}':"$PATH"`
    return Program.other('bash', [
      '-e',
      '-c',
      `export ${home} ${path}; cd '${this.directory}'\n${script}`,
    ])
  }

  /** Subscribes as a line shows; resolves once the broker has granted it. */
  async listens(script: string): Promise<Program> {
    const client = this.types(script)
    await client.stdout.until('a grant', ({ text }) => text.includes('Subscribed'))
    return client
  }

  /** The messages that a client has printed. */
  static heard({ stdout }: Program): string[] {
    return stdout.lines
      .map(({ text }) => text)
      .filter((text) => !/^(?:Client|Subscribed) /.test(text))
  }

  #command(name: string, script: string): void {
    writeFileSync(join(this.directory, 'bin', name), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  }
}

/** The commands of a block, those of several lines in one. */
export const commandsIn = (block: string): string[] =>
  block
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
