import { Worker } from 'node:worker_threads'

/** What a healthy client saw of the time in between: round trips of its messages, in milliseconds. */
export interface Pulse {
  readonly sent: number
  /** Messages that it got an acknowledgement for and never saw. */
  readonly lost: number
  readonly p50: number
  readonly p99: number
  readonly worst: number
  /** All of them, in ascending order. */
  readonly times: readonly number[]
}

// As text, so that it runs from the sources as well as from what is built: it needs no types. In a thread of its
// own, for the attacker is busy.
const CLIENT = `
const { parentPort, workerData } = require('node:worker_threads')
const { connect } = require('mqtt')
const client = connect(workerData.url, { clientId: workerData.clientId, reconnectPeriod: 50 })
const began = new Map()
const acknowledged = new Set()
let times = []
let next = 0
client.on('error', () => {})
client.on('message', (_topic, payload) => {
  const n = Number(payload.toString())
  const at = began.get(n)
  if (at === undefined) return
  began.delete(n)
  times.push(performance.now() - at)
})
// What is published before that nobody hears.
client.on('connect', () => client.stream.setNoDelay(true))
client.once('connect', () => client.subscribe('pulse', { qos: 1 }, () => {
  parentPort.postMessage('ready')
  setInterval(() => {
    const n = next++
    began.set(n, performance.now())
    client.publish('pulse', String(n), { qos: 1 }, (error) => {
      if (!error) acknowledged.add(n)
    })
  }, workerData.periodMs)
}))
parentPort.on('message', () => {
  const sorted = times.sort((a, b) => a - b)
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Infinity
  const now = performance.now()
  const lost = [...began].filter(([n, since]) => acknowledged.has(n) && now - since > 3000).length
  parentPort.postMessage({ sent: sorted.length, lost, p50: at(0.5), p99: at(0.99), worst: at(1), times: sorted })
  times = []
})
`

/** A client that publishes messages to itself, one in so many milliseconds, and measures how long each takes. */
export class HealthyClient {
  readonly #worker: Worker

  private constructor(worker: Worker) {
    this.#worker = worker
  }

  static async start(url: string, clientId = 'healthy', periodMs = 20): Promise<HealthyClient> {
    const worker = new Worker(CLIENT, { eval: true, workerData: { url, clientId, periodMs } })
    await new Promise((resolve) => worker.once('message', resolve))
    return new HealthyClient(worker)
  }

  /** What it saw since it was asked last. */
  read(): Promise<Pulse> {
    return new Promise((resolve) => {
      const onMessage = (message: unknown) => {
        if (message === 'ready') return
        this.#worker.off('message', onMessage)
        resolve(message as Pulse)
      }
      this.#worker.on('message', onMessage)
      this.#worker.postMessage('read')
    })
  }

  async stop(): Promise<void> {
    await this.#worker.terminate()
  }
}
