// Holds a pseudo-terminal's master in a process of its own, so that killing it is an unplug.
// stdin → master, master → stdout; says the terminal's path by IPC once it is there.
import { writeSync } from 'node:fs'
import nodePty from '@lydell/node-pty'

const pair = nodePty.open({ encoding: null })
pair._slave.setRawMode(true)
pair._slave.destroy()
pair._master.on('data', (chunk) => process.stdout.write(chunk))

/** Like a UART, it does not wait for a host that does not read: what does not fit is lost. Returns how much did. */
function transmit(bytes) {
  try {
    return writeSync(pair._fd, bytes)
  } catch (error) {
    if (error.code !== 'EAGAIN') throw error
    return 0
  }
}

/** Sends at the pace of the wire: start bit, eight data bits, stop bit. */
process.on('message', ({ baudRate, base64 }) => {
  const bytes = Buffer.from(base64, 'base64')
  const began = performance.now()
  let sent = 0
  let lost = 0
  const timer = setInterval(() => {
    const due = Math.min(
      bytes.length,
      Math.floor(((performance.now() - began) * baudRate) / 10_000),
    )
    if (due > sent) lost += due - sent - transmit(bytes.subarray(sent, due))
    sent = due
    if (sent < bytes.length) return
    clearInterval(timer)
    process.send({ lost })
  }, 1)
})

process.stdin.on('data', transmit)
process.stdin.on('end', () => process.exit(0))
process.send(pair._pty)
