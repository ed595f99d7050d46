import { openTerminalPair, Random } from '../../firmware-sim/index.js'

// Makes noise on a pseudo-terminal at the pace of a UART, for `line-noise.ts`, whose processor time it must not use.
const [baudRate = '921600', kind = 'noise'] = process.argv.slice(2)
const pair = await openTerminalPair(() => {})
// Every position of the hostile kind looks like the length of a long frame.
const noise = kind === 'hostile' ? new Uint8Array(65_536).fill(0x0f) : new Random(1).bytes(65_536)
const began = performance.now()
let sent = 0
const timer = setInterval(() => {
  const due = Math.floor(((performance.now() - began) * Number(baudRate)) / 10_000)
  while (sent < due) {
    const from = sent % noise.length
    const part = noise.subarray(from, Math.min(noise.length, from + due - sent))
    // What does not fit is lost, as in a UART that overruns.
    pair.write(part)
    sent += part.length
  }
}, 2)
process.once('disconnect', () => {
  clearInterval(timer)
  pair.close()
})
process.send?.(pair.path)
