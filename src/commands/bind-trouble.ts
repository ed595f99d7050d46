import { createServer } from 'node:net'

/** Why nothing could listen there now, as the system's code; undefined where something could. */
export function bindTrouble({
  host,
  port,
}: {
  readonly host: string
  readonly port: number
}): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', (error) => resolve('code' in error ? String(error.code) : error.message))
    server.listen(port, host === '*' ? undefined : host, () =>
      server.close(() => resolve(undefined)),
    )
  })
}
