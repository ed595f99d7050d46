import { describe, expect, it } from 'vitest'
import { check } from '../../src/commands/check.js'
import { type MemoryFile, memoryFiles } from './memory-files.js'

async function run(file: MemoryFile | undefined, json = false) {
  let [stdout, stderr] = ['', '']
  const io = {
    stdout: (text: string) => {
      stdout += text
    },
    stderr: (text: string) => {
      stderr += text
    },
    env: { ALEC_BRIDGE__BRIDGE__ID: 'gw-1' },
    cwd: '/w',
  }
  const files = memoryFiles(file === undefined ? {} : { '/w/c.yaml': file })
  const code = await check({ config: 'c.yaml', json }, io, files)
  return { code, stdout, stderr }
}

const good = `version: 1
sources: [{ serial: { path: /dev/ttyS0, crc: crc16, device: a } }]
models: { m: { frames: compact, channels: [{ name: t, quantity: temperature }] } }
devices: { a: { model: m } }
`
const bad = 'version: 1\nlog: { level: loud }\noutputs: { qos: 7 }\n'

describe('check', () => {
  it('says ok after the warnings', async () => {
    expect(await run(good)).toEqual({
      code: 0,
      stdout: '',
      stderr:
        'c.yaml:2:46: sources[0].serial.crc: crc16 lets one damaged frame in 65536 through; crc32 is safer (warning)\n' +
        'ok: /w/c.yaml, devices: 1, sources: 1\n',
    })
  })

  it('F-49: says everything that is wrong, one a line', async () => {
    expect(await run(bad)).toEqual({
      code: 78,
      stdout: '',
      stderr:
        'c.yaml:2:15: log.level: expected fatal, error, warn, info, debug, trace or silent, got the text "loud"\n' +
        'c.yaml:3:17: outputs.qos: expected 0, 1 or 2, got the number 7\n' +
        '2 problems\n',
    })
  })

  it.each<[MemoryFile | undefined, number, string]>([
    [undefined, 78, 'there is no such file'],
    [{ error: 'EACCES' }, 77, 'this user may not read it'],
    [{ error: 'EISDIR' }, 74, 'it is a directory'],
  ])('tells apart what keeps it from reading: %j exits %d', async (file, code, reason) => {
    expect(await run(file)).toEqual({
      code,
      stdout: '',
      stderr: `c.yaml: cannot read the configuration: ${reason}\n1 problem\n`,
    })
  })

  it('prints one JSON document for machines, and nothing else', async () => {
    const { stdout, stderr, code } = await run(bad, true)
    expect([code, stderr, stdout.split('\n').length]).toEqual([78, '', 2])
    expect(JSON.parse(stdout)).toEqual({
      ok: false,
      problems: [
        {
          file: 'c.yaml',
          line: 2,
          column: 15,
          path: 'log.level',
          message: 'expected fatal, error, warn, info, debug, trace or silent, got the text "loud"',
        },
        {
          file: 'c.yaml',
          line: 3,
          column: 17,
          path: 'outputs.qos',
          message: 'expected 0, 1 or 2, got the number 7',
        },
      ],
      warnings: [],
    })
    expect(JSON.parse((await run(good, true)).stdout)).toMatchObject({
      ok: true,
      file: '/w/c.yaml',
      problems: [],
      warnings: [{ line: 2, path: 'sources[0].serial.crc' }],
    })
  })
})
