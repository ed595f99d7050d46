import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { constants, setPriority } from 'node:os'
import { CompactEncoder } from '../../src/alec/index.js'
import { type LineFormat, wrapFrame } from '../../src/framing/index.js'
import { FLOODER, type FlooderOrder, type FlooderWord } from '../../test/faults/flooder.js'
import { Pace } from '../../test/faults/pace.js'

/**
 * One node that sends far more than its share, on a line of its own and in a process of its own: whoever measures what others
 * notice of it must not spend its own time on sending it. A device is no process on the bridge's machine, so this one takes as
 * little of that as it can: its frames are made before anything is measured, leave in pieces as a system hands bytes of a line
 * on, and wait for everybody else. What that takes all the same it also takes where it sends aside, to a reader in this process
 * that throws everything away.
 *
 * Started by `Flooder.start`; arguments: frames a second, and for how many seconds there are frames. It ends with its parent.
 */
const FORMAT: LineFormat = { framing: 'cobs', crc: 'crc32', address: 'byte', maxFrame: 4096 }
const ADDRESS = 1
const PIECE_MS = 10

const [perSecond, seconds] = process.argv.slice(2).map(Number) as [number, number]
const perPiece = Math.round((perSecond * PIECE_MS) / 1000)
const encoder = new CompactEncoder({ channels: 2 })
let made = 0

function piece(): Uint8Array {
  const frames = Array.from({ length: perPiece }, () => {
    const n = made++
    const temperature = Number((21 + 3 * Math.sin(n / 9)).toFixed(1))
    const humidity = Math.round(50 + 10 * Math.sin(n / 23))
    return wrapFrame(FORMAT, encoder.encode([temperature, humidity]), ADDRESS)
  })
  return Buffer.concat(frames)
}

const pieces = Array.from({ length: Math.ceil((seconds * 1000) / PIECE_MS) }, piece)
/** Of those that went to the bridge: a device numbers its frames. */
let sent = 0

async function listen(onPeer: (socket: Socket) => void): Promise<number> {
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => {}).resume()
    onPeer(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

let bridge: Socket | undefined
let nobody: Socket | undefined
let onBridge = () => {}
const connected = new Promise<void>((resolve) => {
  onBridge = resolve
})
const port = await listen((socket) => {
  bridge = socket
  onBridge()
})
connect(
  await listen((socket) => {
    nobody = socket
  }),
  '127.0.0.1',
).resume()

const flood = new Pace(
  1000 / PIECE_MS,
  () => {
    const next = pieces[sent++]
    if (!next) throw new Error(`there are no more than ${made} frames`)
    bridge?.write(next)
  },
  PIECE_MS,
)
let asides = 0
const aside = new Pace(
  1000 / PIECE_MS,
  () => nobody?.write(pieces[asides++ % pieces.length] ?? ''),
  PIECE_MS,
)
const say = (word: FlooderWord): void => void process.send?.(word)

setPriority(constants.priority.PRIORITY_LOW)
process.on('disconnect', () => process.exit())
process.on('message', (order: FlooderOrder) => {
  flood.stop()
  aside.stop()
  if (order === 'flood') flood.start()
  else if (order === 'aside') aside.start()
  say({ sent: sent * perPiece })
})
const path = `tcp://127.0.0.1:${port}`
say({ sources: [{ serial: { path, address: 'byte', devices: { [ADDRESS]: FLOODER } } }] })
await connected
say({ isConnected: true })
