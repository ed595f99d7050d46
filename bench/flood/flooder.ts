import { FLOODER, type FlooderOrder, type FlooderWord } from '../../test/faults/flooder.js'
import { LineFarm } from '../../test/faults/line-farm.js'
import { MeasuredNode } from '../../test/faults/measured-node.js'
import { Pace } from '../../test/faults/pace.js'

/**
 * One node that sends far more than its share, on a line of its own and in a process of its own: whoever measures what others
 * notice of it must not spend its own time on sending it.
 *
 * Started by `Flooder.start`; argument: frames a second. It ends with its parent.
 */
const node = new MeasuredNode(FLOODER)
const farm = await LineFarm.start([node], 1)
// A burst every twentieth of a second is not what a device on a line does.
const pace = new Pace(Number(process.argv[2]), () => farm.send(node), 1)
const say = (word: FlooderWord): void => void process.send?.(word)

process.on('disconnect', () => process.exit())
process.on('message', (order: FlooderOrder) => {
  if (order === 'flood') pace.start()
  else pace.stop()
  say({ sent: node.measured.length })
})
say({ sources: farm.sources })
await farm.connected()
say({ isConnected: true })
