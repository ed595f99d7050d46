// Holds a pseudo-terminal's master in a process of its own, so that killing it is an unplug.
// stdin → master, master → stdout; says the terminal's path by IPC once it is there.
import { writeSync } from 'node:fs'
import nodePty from '@lydell/node-pty'

const pair = nodePty.open({ encoding: null })
pair._slave.setRawMode(true)
pair._slave.destroy()
pair._master.on('data', (chunk) => process.stdout.write(chunk))

// Like a UART, it does not wait for a host that does not read: what does not fit is lost.
process.stdin.on('data', (chunk) => {
  try {
    writeSync(pair._fd, chunk)
  } catch (error) {
    if (error.code !== 'EAGAIN') throw error
  }
})
process.stdin.on('end', () => process.exit(0))
process.send(pair._pty)
