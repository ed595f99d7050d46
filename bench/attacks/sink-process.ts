import { type AddressInfo, createServer } from 'node:net'

/**
 * Nobody: takes every connection and ends it at its first bytes. Who sends to it what he sends to a victim takes as much of the
 * machine and nothing of the victim. Prints its address as the program does.
 */
const server = createServer((socket) => {
  socket.on('error', () => {})
  socket.once('data', () => socket.destroy())
})
server.listen(0, '127.0.0.1', () => {
  process.stderr.write(`broker: mqtt://127.0.0.1:${(server.address() as AddressInfo).port}\n`)
})
