import { describe, expect, it } from 'vitest'
import { ProcessEnd } from '../../src/commands/process-end.js'
import { ManualClock } from '../support/manual-clock.js'

/** The end of a process that is kept alive by these, as the test sees it. */
function ending(...resources: string[]) {
  const clock = new ManualClock()
  const ends: (number | string)[] = []
  let said = ''
  const end = new ProcessEnd({
    resources: () => resources,
    stderr: (text) => {
      said += text
    },
    exit: (code) => ends.push(code),
    kill: (signal) => ends.push(signal),
    setTimer: (delayMs, fire) => clock.setTimer(delayMs, fire),
  })
  return { end, ends, clock, resources, said: () => said }
}

const CALLS = ['FSReqCallback', 'FSReqPromise', 'GetAddrInfoReqWrap']

describe('the end of a process', () => {
  it('is at once where the system owes no answer, whatever else is open', () => {
    const { end, ends } = ending('TCPSocketWrap', 'Timeout', 'TTYWrap', 'PipeWrap')
    end.exit(70)
    expect(ends).toEqual([70])
  })

  it.each(CALLS)('is by SIGKILL where %s is not answered within a second', (call) => {
    const { end, ends, clock, said } = ending('TCPSocketWrap', call)
    end.exit(70)
    clock.advance(999)
    expect([ends, said()]).toEqual([[], ''])
    clock.advance(20)
    expect(ends).toEqual(['SIGKILL'])
    expect(said()).toContain('does not answer')
  })

  it('keeps its code where the answer comes after all', () => {
    const { end, ends, clock, resources } = ending('FSReqPromise')
    end.exit(70)
    clock.advance(500)
    resources.length = 0
    clock.advance(20)
    expect(ends).toEqual([70])
  })

  it.each([
    [0, 'SIGTERM'],
    [74, 'SIGKILL'],
  ])(
    'that is overdue with code %i is by %s where a call holds it, else it is waited for',
    (code, signal) => {
      const held = ending('FSReqCallback')
      held.end.overdue(code)
      expect(held.ends).toEqual([signal])
      const writing = ending('PipeWrap')
      writing.end.overdue(code)
      expect(writing.ends).toEqual([])
    },
  )
})
