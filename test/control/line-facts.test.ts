import { describe, expect, it } from 'vitest'
import { lineFacts } from '../../src/control/line-facts.js'
import { MemorySource } from '../../src/transport/index.js'
import { ManualClock } from '../support/manual-clock.js'
import { RecordedHandlers } from '../support/recorded-handlers.js'

class NoisyDoor extends MemorySource {
  noise: string | undefined
}

function doors() {
  const clock = new ManualClock()
  const [roof, cellar] = ['roof', 'cellar'].map((id) => {
    const door = new NoisyDoor({ clock, id, devices: [`${id}-1`] })
    door.start(new RecordedHandlers())
    return door
  }) as [NoisyDoor, NoisyDoor]
  return { roof, cellar, facts: () => lineFacts([roof, cellar]) }
}

const heard = { id: 'roof-1', source: 'roof' }
const unheard = { id: 'roof-1', source: '' }

describe('what is known of a device’s line', () => {
  it('is that of the door it was heard by last', () => {
    const { roof, cellar, facts } = doors()
    cellar.goAway()
    cellar.noise = 'noise'
    expect(facts()(heard)).toEqual({ linkUp: true, lineNoisy: false })
    roof.goAway()
    roof.noise = 'noise'
    expect(facts()(heard)).toEqual({ linkUp: false, lineNoisy: true })
  })

  it('F-04: is the noise of the line it should come by, where it was never heard', () => {
    const { roof, cellar, facts } = doors()
    cellar.noise = 'noise'
    expect(facts()(unheard)).toEqual({ linkUp: true, lineNoisy: false })
    roof.noise = 'noise'
    expect(facts()(unheard)).toEqual({ linkUp: true, lineNoisy: true })
  })
})
