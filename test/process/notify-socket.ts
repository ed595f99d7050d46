import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { LineLog } from '../e2e/line-log.js'
import { temporaryDirectory } from '../support/temporary-directory.js'

/** A plain `recv`: what `systemd-notify` passes along to be closed is closed. (Node has no such sockets; socat keeps it open.) */
const LISTEN = `
use Socket;
socket(my $socket, AF_UNIX, SOCK_DGRAM, 0) or die $!;
bind($socket, sockaddr_un($ARGV[0])) or die $!;
$| = 1;
while (defined recv($socket, my $words, 4096, 0)) { print "$words\\n" }
`

/** What the service manager would hear, on a socket as it opens one. */
export async function notifySocket(): Promise<{ readonly path: string; readonly heard: LineLog }> {
  const path = join(temporaryDirectory('alec-notify-'), 'notify')
  const heard = new LineLog('the notify socket')
  const child = spawn('perl', ['-e', LISTEN, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => heard.push(chunk))
  const end = performance.now() + 5000
  while (!existsSync(path)) {
    if (performance.now() > end) throw new Error('perl did not open the socket')
    await new Promise(setImmediate)
  }
  return { path, heard }
}
