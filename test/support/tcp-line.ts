import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'

/** The far end of a line behind a TCP server: what is written goes to whoever is connected. */
export class TcpLine {
  readonly port: number
  readonly #server: Server
  readonly #clients = new Set<Socket>()
  #onData: (chunk: Uint8Array) => void = () => {}

  private constructor(server: Server) {
    this.#server = server
    this.port = (server.address() as AddressInfo).port
    server.on('connection', (client) => {
      this.#clients.add(client)
      client.setNoDelay(true)
      client.on('data', (chunk) => this.#onData(chunk))
      client.on('error', () => {})
      client.on('close', () => this.#clients.delete(client))
    })
  }

  static async listen(): Promise<TcpLine> {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new TcpLine(server)
  }

  get url(): string {
    return `tcp://127.0.0.1:${this.port}`
  }

  /** Resolves with the next who connects. */
  async connected(): Promise<void> {
    await once(this.#server, 'connection')
  }

  onData(listener: (chunk: Uint8Array) => void): void {
    this.#onData = listener
  }

  write(bytes: Uint8Array): void {
    for (const client of this.#clients) client.write(bytes)
  }

  async close(): Promise<void> {
    for (const client of this.#clients) client.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }
}
