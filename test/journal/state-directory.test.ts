import { describe, expect, it } from 'vitest'
import { createStateDirectory, stateDirectory } from '../../src/journal/index.js'
import { failure, SimDisk } from '../support/sim-disk.js'

const cwd = '/work'
const env = {
  STATE_DIRECTORY: '/var/lib/private/alec-bridge:/var/lib/other',
  XDG_STATE_HOME: '/home/ada/.state',
  HOME: '/home/ada',
}
const { STATE_DIRECTORY: _, ...interactive } = env

describe('the state directory is', () => {
  it.each<[string, Parameters<typeof stateDirectory>, string]>([
    ['the option', [{ cwd, option: '/a', configured: '/b' }, env], '/a'],
    ['the option, from where we are', [{ cwd, option: 'state' }, env], '/work/state'],
    ['the configured one', [{ cwd, configured: '/b' }, env], '/b'],
    ['the first of the service', [{ cwd }, env], '/var/lib/private/alec-bridge'],
    ['in the XDG state home', [{ cwd }, interactive], '/home/ada/.state/alec-bridge'],
    [
      'below home, where XDG says nothing',
      [{ cwd }, { HOME: '/home/ada' }],
      '/home/ada/.local/state/alec-bridge',
    ],
    [
      'below home, where XDG is relative',
      [{ cwd }, { HOME: '/home/ada', XDG_STATE_HOME: 'state' }],
      '/home/ada/.local/state/alec-bridge',
    ],
    ['the system’s, where there is no home', [{ cwd }, {}], '/var/lib/alec-bridge'],
    [
      'not what is set but empty',
      [
        { cwd, option: '', configured: '' },
        { STATE_DIRECTORY: '', XDG_STATE_HOME: '', HOME: '/root' },
      ],
      '/root/.local/state/alec-bridge',
    ],
  ])('%s', (_what, [options, variables], expected) => {
    expect(stateDirectory(options, variables)).toBe(expected)
  })
})

it('a state directory that cannot be made is a coded error with its cause', async () => {
  const disk = new SimDisk()
  const cause = failure('EACCES')
  disk.makeDirectory = () => Promise.reject(cause)
  await expect(createStateDirectory(disk, '/nowhere')).rejects.toMatchObject({
    code: 'ERR_STATE_DIRECTORY',
    message: expect.stringContaining('/nowhere'),
    cause,
  })
})
