import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { SHELLS } from '../../src/commands/completion-scripts.js'
import { withoutProgram } from '../support/without-program.js'
import { assertBuilt, CLI } from './program.js'
import { siteConfig } from './running-bridge.js'

const script = (shell: string): string => {
  assertBuilt()
  return execFileSync(process.execPath, [CLI, 'completion', shell], { encoding: 'utf8' })
}

/** A directory with the program on its path and the site's configuration in it. */
function place(): string {
  const directory = mkdtempSync(join(tmpdir(), 'alec-completion-'))
  const site = siteConfig({
    brokerUrl: 'mqtt://127.0.0.1:1',
    overMqtt: ['shed', 'roof', 'rooftop'],
  })
  writeFileSync(join(directory, 'site one.yaml'), stringify(site))
  writeFileSync(join(directory, 'alec-bridge'), `#!/bin/sh\nexec ${process.execPath} ${CLI} "$@"\n`)
  chmodSync(join(directory, 'alec-bridge'), 0o755)
  writeFileSync(join(directory, 'completion'), script('bash'))
  return directory
}

/** What bash offers for a line that has been taken apart as it does, the cursor at its end. */
function offered(directory: string, ...words: readonly string[]): string[] {
  const shell = `source ./completion
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
    [[ $(complete -p alec-bridge) == *_alec_bridge* ]] || exit 3
    _alec_bridge "$1" "\${COMP_WORDS[COMP_CWORD]}"
    printf '%s\\n' "\${COMPREPLY[@]}"`
  const text = execFileSync('bash', ['-c', shell, 'bash', 'alec-bridge', ...words], {
    cwd: directory,
    encoding: 'utf8',
    env: { ...process.env, PATH: `${directory}:${process.env.PATH}` },
  })
  return text.split('\n').filter((line) => line !== '')
}

describe.skipIf(withoutProgram('bash', 'bash'))('completion in bash', () => {
  let directory = ''
  beforeAll(() => {
    directory = place()
  })
  afterAll(() => rmSync(directory, { recursive: true, force: true }))
  const file = 'site one.yaml'

  it.each<[string, readonly string[], readonly string[]]>([
    ['verbs', ['he'], ['healthcheck', 'help']],
    ['the verbs of a verb', ['context', ''], ['show', 'export', 'import', 'help']],
    ['options', ['healthcheck', '--js'], ['--json']],
    ['choices of an option', ['init', '--parity', 'o'], ['odd']],
    ['choices of an argument', ['completion', ''], ['bash', 'zsh', 'fish']],
    ['names of files', ['check', '-c', 'site'], [file]],
    ['names of files after a sign', ['check', '--config', '=', 'site'], [file]],
    ['device ids, as an option', ['decode', '-c', file, '--device', 'ro'], ['roof', 'rooftop']],
    [
      'device ids, after signs',
      ['decode', '--config', '=', file, '--device', '='],
      ['shed', 'roof', 'rooftop'],
    ],
    ['device ids, as an argument', ['context', 'show', '-c', file, 's'], ['shed']],
    ['nothing where anything may stand', ['run', '--for', ''], []],
    ['nothing after the last argument', ['context', 'show', 'shed', ''], []],
    ['no ids where there is no configuration', ['decode', '--device', ''], []],
  ])('offers %s', (_what, words, expected) => {
    expect(offered(directory, ...words)).toEqual(expected)
  })

  it('does not offer what only the shell asks', () => {
    expect(offered(directory, 'comp')).toEqual(['completion'])
  })
})

describe('completion', () => {
  it('knows three shells and no other', () => {
    const other = spawnSync(process.execPath, [CLI, 'completion', 'tcsh'], { encoding: 'utf8' })
    expect(other.status).toBe(64)
    expect(other.stderr).toContain('bash, zsh, fish')
  })

  it.each(SHELLS.map((shell) => [shell]))(
    'is a script that %s can read, where it is installed',
    (shell) => {
      const text = script(shell)
      expect(text).toContain('complete -- ')
      const read = spawnSync(shell, ['-n'], { input: text, encoding: 'utf8' })
      if (!read.error) expect([read.status, read.stderr]).toEqual([0, ''])
    },
  )
})
