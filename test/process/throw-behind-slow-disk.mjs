// Loaded into a bridge's process before it starts: once told to, the disk does not answer the next frame of a TCP line, and
// the frame behind that meets a bug, with which the disk answers again.
import { open } from 'node:fs/promises'
import { Socket } from 'node:net'

const file = await open(new URL(import.meta.url))
const prototype = Object.getPrototypeOf(file)
await file.close()

let answers = Promise.resolve()
let answer = () => {}
const { datasync } = prototype
prototype.datasync = function (...args) {
  return answers.then(() => datasync.apply(this, args))
}

let framesLeft = Number.POSITIVE_INFINITY
process.on('SIGUSR2', () => {
  framesLeft = 2
  process.stderr.write('armed\n')
})
const { emit } = Socket.prototype
Socket.prototype.emit = function (event, ...args) {
  if (event !== 'data' || this.remotePort !== Number(process.env.LINE_PORT))
    return emit.call(this, event, ...args)
  framesLeft--
  if (framesLeft === 1)
    answers = new Promise((resolve) => {
      answer = resolve
    })
  const heard = emit.call(this, event, ...args)
  if (framesLeft === 1) process.stderr.write('held up\n')
  if (framesLeft === 0) {
    setImmediate(answer)
    throw new Error('planted bug')
  }
  return heard
}
