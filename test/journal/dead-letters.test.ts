import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DeadLetters, diskFiles } from '../../src/journal/index.js'
import { SimDisk, STATE } from '../support/sim-disk.js'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'alec-dead-'))
})
afterEach(() => rmSync(root, { recursive: true }))

const ts = '2026-01-01T00:00:00.000Z'
const letter = (topic: string) => ({ topic, payload: '21.4', reason: 'refused', ts })

describe('F-35: what was given up', () => {
  it('is kept as a file that says what, why and when', async () => {
    const letters = new DeadLetters(root, diskFiles)
    await letters.keep(letter('alec/a/readings'))
    expect(JSON.parse(readFileSync(join(root, 'dead/d-1.json'), 'utf8'))).toEqual({
      ts,
      topic: 'alec/a/readings',
      reason: 'refused',
      payload: '21.4',
    })
  })

  it('is kept for the latest hundred only, and numbered on over restarts', async () => {
    for (let run = 0; run < 2; run++) {
      const letters = new DeadLetters(root, diskFiles)
      await Promise.all(Array.from({ length: 60 }, (_, n) => letters.keep(letter(String(n)))))
    }
    const names = readdirSync(join(root, 'dead'))
    expect(names).toHaveLength(100)
    expect(names).toContain('d-120.json')
    expect(names).not.toContain('d-20.json')
  })

  it('is counted where the disk does not keep it', async () => {
    const disk = new SimDisk()
    disk.fault = () => 'ENOSPC'
    const letters = new DeadLetters(STATE, disk)
    await letters.keep(letter('a'))
    expect(letters.counters).toEqual({ count: 1, unkept: 1 })
  })
})
