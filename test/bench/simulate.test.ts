import { describe, expect, it } from 'vitest'
import { again } from '../../bench/simulate/again.js'

describe('the way to a simulated world again', () => {
  it('is its seed', () => {
    expect(again(7, { with: '', without: '' })).toBe('npm run simulate -- --seed 7')
  })

  it('names the kinds of faults that were asked for, left out and kept', () => {
    expect(again(7, { with: 'edits,requests', without: 'loss', only: 'crashes,loss' })).toBe(
      'npm run simulate -- --seed 7 --with edits,requests --without loss --only crashes,loss',
    )
  })

  it('says that no kind was kept', () => {
    expect(again(7, { only: '' })).toBe('npm run simulate -- --seed 7 --only ""')
  })

  it('says that the world is a big one', () => {
    expect(again(12, { hours: '100000' })).toBe('npm run simulate -- --seed 12 --hours 1')
  })
})
