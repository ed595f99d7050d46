import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type HealthStatus,
  nextHealth,
  defaultSteadyHealthPolicy as policy,
  type SteadyHealth,
  unknownHealth,
  worstHealth,
} from '../../src/resilience/index.js'

const WORD: Readonly<Record<string, HealthStatus>> = {
  h: 'healthy',
  '?': 'unknown',
  d: 'degraded',
  u: 'unhealthy',
}

/** One evaluation a second. */
function play(evaluations: string): SteadyHealth {
  let health: SteadyHealth = unknownHealth(0)
  let now = 0
  for (const letter of evaluations) health = nextHealth(health, WORD[letter]!, ++now, policy)
  return health
}

describe('a steady health', () => {
  it.each<[string, string, HealthStatus, number]>([
    ['starts unknown', '', 'unknown', 0],
    ['believes the first evaluation at once', 'h', 'healthy', 1],
    ['believes the first bad evaluation at once', 'u', 'unhealthy', 1],
    ['is degraded at once', 'hd', 'degraded', 2],
    ['is unhealthy at once', 'hu', 'unhealthy', 2],
    ['is worse at once while improving', 'dhhu', 'unhealthy', 4],
    ['is unknown at once after healthy', 'h?', 'unknown', 2],
    ['is not better after two good evaluations', 'hdhh', 'degraded', 2],
    ['is better after three good evaluations', 'hdhhh', 'healthy', 5],
    ['starts to count again after a relapse', 'dhhdhh', 'degraded', 1],
    ['improves no further than the worst of the three', 'uhdh', 'degraded', 4],
    ['then needs three more to be healthy', 'uhdhhhh', 'healthy', 7],
    ['becomes unknown after a fault only when that lasts', 'u??', 'unhealthy', 1],
    ['becomes unknown after a fault when that lasts', 'u???', 'unknown', 4],
  ])('%s (%s)', (_what, evaluations, status, since) => {
    expect(play(evaluations)).toMatchObject({ status, since })
  })

  it('is the same object while nothing changes', () => {
    const healthy = play('h')
    expect(nextHealth(healthy, 'healthy', 99, policy)).toBe(healthy)
  })

  it('keeps its time while it only thinks about improving', () => {
    expect(play('dhhd')).toEqual({ kind: 'settled', status: 'degraded', since: 1 })
  })
})

/** The semantics once more, from the list of all evaluations since the last change. */
class Model {
  status: HealthStatus = 'unknown'
  better: HealthStatus[] = []
  evaluate(evaluated: HealthStatus): void {
    const order = ['healthy', 'unknown', 'degraded', 'unhealthy']
    const worse = order.indexOf(evaluated) - order.indexOf(this.status)
    this.better = worse < 0 ? [...this.better, evaluated] : []
    if (worse > 0 || this.status === 'unknown') this.become(evaluated)
    if (this.better.length === 3) this.become(worstHealth(this.better))
  }
  become(status: HealthStatus): void {
    this.status = status
    this.better = []
  }
}

class Evaluate implements fc.Command<Model, { health: SteadyHealth }> {
  readonly #evaluated: HealthStatus
  constructor(evaluated: HealthStatus) {
    this.#evaluated = evaluated
  }
  check = () => true
  run(model: Model, real: { health: SteadyHealth }): void {
    model.evaluate(this.#evaluated)
    real.health = nextHealth(real.health, this.#evaluated, 0, policy)
    expect(real.health.status).toBe(model.status)
  }
  toString = () => this.#evaluated
}

it('any history of a health agrees with the model', () => {
  const evaluate = fc
    .constantFrom<HealthStatus>('healthy', 'degraded', 'unhealthy', 'unknown')
    .map((status) => new Evaluate(status))
  fc.assert(
    fc.property(fc.commands([evaluate], { maxCommands: 60, size: 'max' }), (commands) => {
      fc.modelRun(
        () => ({ model: new Model(), real: { health: unknownHealth(0) as SteadyHealth } }),
        commands,
      )
    }),
    { numRuns: 500 },
  )
})
