import { spawn } from 'node:child_process'
import type { Socket } from 'node:net'

/** Is told `+ PID` and `- PID`, and kills what is left at the end of its input; it ends by nothing else. */
const KEEPER = `
trap '' HUP INT TERM
left=
while read -r sign pid; do
  if [ "$sign" = + ]; then
    left="$left $pid"
  else
    rest=
    for each in $left; do [ "$each" = "$pid" ] || rest="$rest $each"; done
    left=$rest
  fi
done
for each in $left; do kill -s KILL -- "$each"; done
`

let toKeeper: Socket | undefined

/** The way to a process of its own that hears of our end, for that closes the way. */
function keeper(): Socket {
  if (toKeeper) return toKeeper
  // A group of its own: who kills all of ours shall not kill it.
  const sh = spawn('sh', ['-c', KEEPER], { stdio: ['pipe', 'ignore', 'ignore'], detached: true })
  sh.unref()
  toKeeper = sh.stdin as Socket
  toKeeper.unref()
  return toKeeper
}

/**
 * Has a process, or the group that it leads, killed once this one ends, in whatever way: by SIGKILL as well, of which nobody
 * in here would hear. Returns the undo, for when it has ended before.
 */
export function endsWithUs(
  { pid }: { readonly pid?: number | undefined },
  what: 'process' | 'group' = 'process',
): () => void {
  // It did not start.
  if (pid === undefined) return () => {}
  const target = what === 'group' ? -pid : pid
  keeper().write(`+ ${target}\n`)
  return () => {
    keeper().write(`- ${target}\n`)
  }
}
