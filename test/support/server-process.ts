import { type ChildProcess, spawn } from 'node:child_process'
import { endsWithUs } from './ends-with-us.js'

export interface ServerProcessOptions {
  readonly command: string
  readonly args: readonly string[]
  /** Where it says that it listens, and how. */
  readonly speaksOn: 'stdout' | 'stderr'
  readonly ready: RegExp
}

/** A server that tests run beside them, and that ends with them however they end; it may be started again and again. */
export class ServerProcess {
  #child: ChildProcess | undefined

  /** Starts it, where it runs anew; resolves when it listens. */
  async start({ command, args, speaksOn, ready }: ServerProcessOptions): Promise<void> {
    await this.end('SIGKILL')
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    this.#child = child
    child.once('exit', endsWithUs(child))
    // What nobody reads would fill the pipe up and stop it.
    child[speaksOn === 'stdout' ? 'stderr' : 'stdout'].resume()
    await new Promise<void>((resolve, reject) => {
      let log = ''
      child[speaksOn].on('data', (chunk) => {
        log += String(chunk)
        if (ready.test(log)) resolve()
      })
      child.once('error', reject)
      child.once('exit', (code) => reject(new Error(`${command} ended with ${code}: ${log}`)))
    })
  }

  /** Resolves once it has ended. */
  async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child
    this.#child = undefined
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const exited = new Promise((resolve) => child.once('exit', resolve))
    child.kill(signal)
    await exited
  }

  signal(name: NodeJS.Signals): void {
    this.#child?.kill(name)
  }
}
