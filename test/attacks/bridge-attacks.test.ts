import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { inputAttacks } from '../../bench/attacks/attacks.js'
import { slowConnections } from '../../bench/attacks/slow.js'
import { Attacked } from './attacked.js'

let attacked: Attacked

beforeAll(async () => {
  attacked = await Attacked.start()
})

afterAll(() => attacked.stop())

describe.sequential('the bridge with an embedded broker withstands', () => {
  it.each(inputAttacks.map((attack) => [attack.name, attack] as const))(
    '%s',
    async (_name, attack) => {
      expect(await attack.run(attacked.target)).toEqual([])
      await attacked.expectUnharmed()
    },
  )

  it('F-40: 200 connections that say a byte a second', async () => {
    const keptMs = await slowConnections(attacked.target, 200)
    expect(keptMs).toBeLessThan(8000)
    await attacked.expectUnharmed()
  })
})
