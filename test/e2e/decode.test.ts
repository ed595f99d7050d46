import { describe, expect, it } from 'vitest'
import { decode } from '../../src/commands/decode.js'
import { vectors } from '../support/vectors.js'
import { compactCases, configOf, expectDecoded, singleCases } from './decode-cases.js'
import { Program } from './program.js'
import { configFile } from './running-bridge.js'

const cases = [...compactCases(), ...singleCases()]

/** Runs the verb in this process: starting one for each of them would take half a minute. */
async function decodeHere(config: string, device: string, input: string) {
  let stdout = ''
  let stderr = ''
  const exit = await decode(
    { config, device },
    {
      stdout: (text) => {
        stdout += text
      },
      stderr: (text) => {
        stderr += text
      },
      stdin: (async function* () {
        yield input
      })(),
      env: {},
      cwd: process.cwd(),
      signal: new AbortController().signal,
      columns: undefined,
    },
  )
  return { exit, stdout, stderr }
}

const linesOf = (frames: readonly string[]): string => frames.map((hex) => `${hex}\n`).join('')

describe('alec-bridge decode, on the vectors of the device library', () => {
  it.each(cases.map((one) => [one.device, one] as const))('decodes %s', async (device, one) => {
    const { exit, stdout } = await decodeHere(
      configFile(configOf([one])),
      device,
      linesOf(one.frames),
    )
    expect(exit).toBe(0)
    expectDecoded(one, stdout)
  })

  // Of each family the first, the last, and the one with the most channels or the checksum.
  const chosen = ['compact-0', 'compact-3', 'compact-7', 'single-0', 'single-24', 'single-48']
  it.each(chosen)('decodes %s as a process, too', async (device) => {
    const one = cases.find((other) => other.device === device)!
    const program = Program.start(
      ['decode', '-c', configFile(configOf(cases)), '--device', device],
      { input: linesOf(one.frames) },
    )
    expect(await program.ended()).toBe(0)
    expectDecoded(one, program.stdout.text)
  })
})

/** These only presume a state that the reference is not in: their bytes are a frame. */
const wellFormed = [
  'delta-unknown-source',
  'repeated-unknown-source',
  'interpolated-known',
  'unknown-pattern',
  'multi-to-single',
]

describe('alec-bridge decode, on what is no frame', () => {
  const config = () =>
    configFile({
      version: 1,
      models: {
        meter: { frames: 'standard', channels: [{ name: 'count', source: 0, resolution: 1 }] },
        climate: { frames: 'compact', channels: [{ name: 'temperature', resolution: 0.1 }] },
      },
      devices: { meter: { model: 'meter' }, roof: { model: 'climate' } },
    })
  const decodeAt = (device: string, input: string) =>
    Program.start(['decode', '-c', config(), '--device', device], { input })

  it('prints a fault with code, offset and message for every malformed frame, and ends with 65', async () => {
    const malformed = vectors.malformed().filter(({ name }) => !wellFormed.includes(name))
    expect(malformed).toHaveLength(13)
    const program = decodeAt('meter', malformed.map(({ bytes }) => `0x${bytes}\n`).join(''))
    expect(await program.ended()).toBe(65)
    const printed = program.stdout.documents
    expect(printed).toHaveLength(malformed.length)
    for (const [n, { name, bytes }] of malformed.entries()) {
      const fault = {
        code: expect.stringMatching(/^[a-z]+(-[a-z]+)*$/),
        offset: expect.any(Number),
        message: expect.stringMatching(/\w \w/),
      }
      expect(printed[n], name).toEqual({ frame: n + 1, verdict: 'fault', fault })
      const { offset } = printed[n]!.fault as { offset: number }
      expect(offset >= 0 && offset <= bytes.length / 2, `${name}: offset ${offset}`).toBe(true)
    }
  })

  it('calls nothing good that comes in a state that the device cannot be in', async () => {
    const strange = vectors.malformed().filter(({ name }) => wellFormed.includes(name))
    const program = decodeAt('meter', linesOf(strange.map(({ bytes }) => bytes)))
    expect(await program.ended()).toBe(0)
    expect(program.stdout.lines).toHaveLength(wellFormed.length)
    expect(program.stdout.text).not.toContain('"good"')
  })

  it('goes on with the next line', async () => {
    const one = compactCases()[0]!
    const [first = '', second = ''] = one.frames
    const program = Program.start(
      ['decode', '-c', configFile(configOf([one])), '--device', one.device],
      {
        input: `# a comment\n${first}\n\nno hex\n${first.slice(0, -2)}\n0x${second.toUpperCase()}\r\nabc`,
      },
    )
    expect(await program.ended()).toBe(65)
    const codes = program.stdout.documents.map(
      ({ verdict, fault }) => (fault as { code: string } | undefined)?.code ?? verdict,
    )
    expect(codes).toEqual(['readings', 'not-hex', 'truncated', 'readings', 'not-hex'])
  })

  it('says skipped for a frame that came twice, and why', async () => {
    const one = compactCases()[0]!
    const first = one.frames[0] ?? ''
    const program = Program.start(
      ['decode', '-c', configFile(configOf([one])), '--device', one.device],
      { input: `${first}\n${first}\n` },
    )
    expect(await program.ended()).toBe(0)
    expect(program.stdout.documents[1]).toEqual({ frame: 2, verdict: 'skipped', why: 'duplicate' })
  })

  it('ends with 64 and names the devices there are where it does not know the one asked for', async () => {
    const program = decodeAt('rof', '')
    expect(await program.ended()).toBe(64)
    expect(program.stderr.text).toContain('meter, roof')
  })
})
