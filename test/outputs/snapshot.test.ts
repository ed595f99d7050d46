import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { DeviceStatus } from '../../src/device/index.js'
import { bridgeTopics, snapshotPublications, statusDocument } from '../../src/outputs/index.js'
import { context, recovering } from './examples.js'

const topics = bridgeTopics('alec')
const LIMIT = 65_536

const fleet = (size: number, message = ''): DeviceStatus[] =>
  Array.from({ length: size }, (_, index) => ({ ...recovering, device: `d-${index}`, message }))

const snapshot = (statuses: readonly DeviceStatus[], before = 0) =>
  snapshotPublications(statuses, topics, context, before)

describe('the snapshot', () => {
  it('F-36: of a small fleet is one chunk with the status of every device', () => {
    const [only, ...rest] = snapshot(fleet(2))
    expect(rest).toEqual([])
    expect(only).toMatchObject({
      topic: 'alec/bridge/snapshot',
      qos: 1,
      retain: true,
      whileAway: 'latest',
    })
    expect(JSON.parse(String(only?.payload))).toEqual({
      ts: '2026-11-23T22:10:01.000Z',
      bridge: 'gw-1',
      chunk: 1,
      of: 1,
      devices: fleet(2).map((status) => ({
        device: status.device,
        ...statusDocument(status, context),
      })),
    })
  })

  it('of no device is an empty chunk', () => {
    expect(snapshot([]).map(({ payload }) => JSON.parse(String(payload)).devices)).toEqual([[]])
  })

  it('F-36: of a large fleet has further chunks on topics of their own', () => {
    const publications = snapshot(fleet(300))
    expect(publications.map(({ topic }) => topic)).toEqual([
      'alec/bridge/snapshot',
      'alec/bridge/snapshot/2',
      'alec/bridge/snapshot/3',
    ])
  })

  it('F-36: clears the chunks that an earlier, larger fleet left', () => {
    const payloads = snapshot(fleet(1), 3).map(({ topic, payload }) => [topic, payload === ''])
    expect(payloads).toEqual([
      ['alec/bridge/snapshot', false],
      ['alec/bridge/snapshot/2', true],
      ['alec/bridge/snapshot/3', true],
    ])
  })

  it('gives a device that is too large alone a chunk of its own', () => {
    const huge: DeviceStatus = { ...recovering, device: 'huge', message: 'x'.repeat(70_000) }
    const publications = snapshot([...fleet(1), huge, ...fleet(1)])
    expect(publications.map(({ payload }) => JSON.parse(String(payload)).devices.length)).toEqual([
      1, 1, 1,
    ])
  })

  it('F-36: of any fleet keeps every device once, in order, in chunks of at most 64 KiB', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 600 }),
        fc.string({ unit: 'grapheme', maxLength: 120 }),
        (size, message) => {
          const chunks = snapshot(fleet(size, message)).map(({ payload }) => String(payload))
          const documents = chunks.map((chunk) => JSON.parse(chunk))
          for (const chunk of chunks) expect(Buffer.byteLength(chunk)).toBeLessThanOrEqual(LIMIT)
          expect(documents.map(({ chunk, of }) => [chunk, of])).toEqual(
            chunks.map((_, index) => [index + 1, chunks.length]),
          )
          const devices = documents.flatMap((document) => document.devices)
          expect(devices.map(({ device }) => device)).toEqual(
            fleet(size).map(({ device }) => device),
          )
        },
      ),
      { numRuns: 30 },
    )
  })
})
