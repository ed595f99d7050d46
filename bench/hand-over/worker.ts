import { parentPort, workerData } from 'node:worker_threads'
import { packDocuments, unpackFrames } from './batch.js'

// A thread that gives a ready document for each frame: what is left is what handing over costs.
const { devices, document } = workerData as {
  readonly devices: readonly string[]
  readonly document: Uint8Array
}
const indexes = devices.map((_, n) => n)

parentPort?.on('message', (packed: Uint8Array) => {
  const documents = packDocuments(unpackFrames(packed, devices), document, indexes)
  parentPort?.postMessage(documents, [documents.buffer])
})
