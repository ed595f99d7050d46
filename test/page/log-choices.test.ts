import { expect, it } from 'vitest'
import { LOG_LEVELS, LOG_PARTS } from '../../src/config/index.js'
import { LEVELS, PARTS } from '../../src/page/act/log-choices.js'

it('the page offers every level and every part of the log that the configuration knows', () => {
  expect([...LEVELS].sort()).toEqual([...LOG_LEVELS].sort())
  expect([...PARTS]).toEqual([...LOG_PARTS])
})
