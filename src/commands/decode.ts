import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { compileProfile, DeviceStream } from '../device/index.js'
import type { Frame } from '../framing/index.js'
import { bytesOf } from '../spelling.js'
import { loadModel } from './configuration.js'
import { type CommandIo, Exit } from './io.js'
import { toldOutcome } from './told-outcome.js'

export interface DecodeOptions {
  readonly config?: string
  readonly device: string
}

/** Where no interval is declared any would do: only its ratio to the silence between two lines counts. */
const DEFAULT_INTERVAL_MS = 60_000

/**
 * Decodes hex frames from stdin, one a line, to one JSON line each. No broker and no clock: each line is one
 * interval later than the one before. Resolves to the exit code: 65 where a line was no frame.
 */
export async function decode(options: DecodeOptions, io: CommandIo): Promise<number> {
  const model = loadModel(options, io)
  if (!model.ok) return model.exit
  const intervalMs = model.value.intervalMs ?? DEFAULT_INTERVAL_MS
  const stream = new DeviceStream(compileProfile({ ...model.value, intervalMs }))
  let frame = 0
  let broken = false
  const lines = createInterface({
    input: Readable.from(io.stdin),
    crlfDelay: Number.POSITIVE_INFINITY,
  })
  for await (const line of lines) {
    if (io.signal.aborted) break
    const text = line.trim()
    if (text === '' || text.startsWith('#')) continue
    frame++
    const bytes = bytesOf(text)
    const told = bytes ? tellFrame(stream, options.device, bytes, frame * intervalMs) : notHex(text)
    broken ||= told.verdict === 'fault'
    io.stdout(`${JSON.stringify({ frame, ...told })}\n`)
  }
  return broken ? Exit.badData : Exit.ok
}

function tellFrame(stream: DeviceStream, device: string, bytes: Uint8Array, at: number) {
  const frame: Frame = { device, bytes, mono: at, wall: at, integrity: 'none', source: 'stdin' }
  return toldOutcome(stream.accept(frame, []))
}

function notHex(text: string): Record<string, unknown> {
  const offset = text.search(/[^0-9a-fA-F\s]/)
  const message = `"${text.slice(0, 40)}" is no sequence of hexadecimal byte pairs`
  return { verdict: 'fault', fault: { code: 'not-hex', offset: Math.max(0, offset), message } }
}
