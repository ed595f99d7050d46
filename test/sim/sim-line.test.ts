import { expect, it } from 'vitest'
import { Random } from '../../firmware-sim/index.js'
import { Agenda } from './agenda.js'
import { SimLine } from './sim-line.js'

function rig() {
  const agenda = new Agenda(() => 0)
  const line = new SimLine({
    address: 'line-0',
    agenda,
    random: new Random(1),
    baudRate: 9600,
    onWritten: () => {},
  })
  const process = () => {
    const heard: string[] = []
    const client = { enter: (entry: () => void) => entry() }
    const open = () =>
      line.door(client).open({
        readDelayMs: () => 0,
        onOpened: () => heard.push('open'),
        onData: (bytes) => heard.push(Buffer.from(bytes).toString('hex')),
        onClosed: ({ code }) => heard.push(code),
      })
    return { heard, open }
  }
  const pass = (ms: number) => {
    const until = agenda.now + ms
    while (agenda.next(until)) {}
  }
  return { line, process, pass }
}

it('a simulated line is for one process alone', () => {
  const { process, pass } = rig()
  const [first, second] = [process(), process()]
  first.open()
  pass(100)
  second.open()
  pass(100)
  expect([first.heard, second.heard]).toEqual([['open'], ['EAGAIN']])
})

it('a simulated line is free once a process is dead, also where it died before the line was open', () => {
  for (const livedMs of [0, 100]) {
    const { line, process, pass } = rig()
    const [dead, next] = [process(), process()]
    dead.open()
    pass(livedMs)
    line.orphan()
    pass(100)
    next.open()
    pass(100)
    line.carry(Uint8Array.of(0xab), () => {})
    pass(100)
    expect(next.heard).toEqual(['open', 'ab'])
  }
})
