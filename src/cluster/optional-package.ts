import { QueueError } from './queue-port.js'

/** Loads a package that only a cluster needs; rejects with what to do where it is not installed. */
export async function loadOptional<T>(name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load()
  } catch (cause) {
    const missing =
      cause instanceof Error && 'code' in cause && cause.code === 'ERR_MODULE_NOT_FOUND'
    if (!missing) throw cause
    const reason = `the package ${name} is not installed: npm install ${name}`
    throw new QueueError('ERR_CLUSTER_PACKAGE', reason, { cause })
  }
}
