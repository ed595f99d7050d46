import { spawn } from 'node:child_process'

export interface ShellOutcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs lines as a reader of the documentation would, one after the other, and stops at the first that fails. */
export function shell(
  script: string,
  { cwd, env = {} }: { readonly cwd: string; readonly env?: Readonly<Record<string, string>> },
): Promise<ShellOutcome> {
  return new Promise((resolve, reject) => {
    const child = spawn('sh', ['-e', '-c', script], { cwd, env: { ...process.env, ...env } })
    const said = { stdout: '', stderr: '' }
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said.stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said.stderr += text
    })
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, ...said }))
  })
}
