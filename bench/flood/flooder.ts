import { connect } from 'node:net'
import { FLOODER, type FlooderOrder, type FlooderWord } from '../../test/faults/flooder.js'
import { LineFarm } from '../../test/faults/line-farm.js'
import { MeasuredNode } from '../../test/faults/measured-node.js'
import { Pace } from '../../test/faults/pace.js'

/**
 * One node that sends far more than its share, on a line of its own and in a process of its own: whoever measures what others
 * notice of it must not spend its own time on sending it. A device is no process on the bridge's machine: what sending takes
 * of that it also takes where it sends aside, to a reader in this process that throws everything away.
 *
 * Started by `Flooder.start`; argument: frames a second. It ends with its parent.
 */
const node = new MeasuredNode(FLOODER)
const farm = await LineFarm.start([node], 1)
const twin = new MeasuredNode(FLOODER)
const aside = await LineFarm.start([twin], 1)
for (const port of aside.ports) connect(port, '127.0.0.1').resume()
// A burst every twentieth of a second is not what a device on a line does.
const perSecond = Number(process.argv[2])
const flood = new Pace(perSecond, () => farm.send(node), 1)
const elsewhere = new Pace(perSecond, () => aside.send(twin), 1)
const say = (word: FlooderWord): void => void process.send?.(word)

process.on('disconnect', () => process.exit())
process.on('message', (order: FlooderOrder) => {
  flood.stop()
  elsewhere.stop()
  if (order === 'flood') flood.start()
  else if (order === 'aside') elsewhere.start()
  say({ sent: node.measured.length })
})
say({ sources: farm.sources })
await farm.connected()
say({ isConnected: true })
