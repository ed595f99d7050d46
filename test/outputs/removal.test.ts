import { describe, expect, it } from 'vitest'
import { ReadingsWriter, removalPublications, statusPublications } from '../../src/outputs/index.js'
import { context, good, recovering, topics, verdictOf } from './examples.js'

describe('a removed device', () => {
  it.each([true, false])('leaves nothing retained behind (readings retained: %s)', (retain) => {
    const options = { qos: 1, retain, perChannel: true, uncertain: 'mark' } as const
    const verdict = verdictOf([good('temperature', 1), good('humidity', 2)])
    const owned = [
      ...statusPublications(recovering, undefined, topics, context),
      ...new ReadingsWriter(topics, options, 'gw-1/greenhouse-1').publications(verdict),
    ].filter((publication) => publication.retain)
    const clearing = removalPublications(topics, { retain })
    expect(clearing.map(({ topic }) => topic).sort()).toEqual(
      owned.map(({ topic }) => topic).sort(),
    )
    for (const { payload, retain, qos, whileAway } of clearing) {
      expect({ payload, retain, qos, whileAway }).toEqual({
        payload: '',
        retain: true,
        qos: 1,
        whileAway: 'latest',
      })
    }
  })
})
