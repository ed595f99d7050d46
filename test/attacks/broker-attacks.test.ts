import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { brokerAttacks } from '../../bench/attacks/attacks.js'
import { mutationFlood } from '../../bench/attacks/mutation.js'
import { mulberry, testSeed } from '../support/mulberry.js'
import { Attacked } from './attacked.js'

/** Mutated packets; more by `bench/attacks.ts --packets`. */
const PACKETS = 20_000

let attacked: Attacked

beforeAll(async () => {
  attacked = await Attacked.start('broker')
})

afterAll(() => attacked.stop())

describe.sequential('the embedded broker withstands', () => {
  it.each(brokerAttacks.map((attack) => [attack.name, attack] as const))(
    'F-40: %s',
    async (_name, attack) => {
      expect(await attack.run(attacked.target)).toEqual([])
      await attacked.expectUnharmed()
    },
  )

  it(`F-40: ${PACKETS} mutated packets (SEED=${testSeed})`, async () => {
    const connections = await mutationFlood(
      attacked.target,
      (sent) => sent < PACKETS,
      mulberry(testSeed),
    )
    // Most of them end their connection: they were read.
    expect(connections).toBeGreaterThan(PACKETS / 20)
    await attacked.expectUnharmed()
  })
})
