import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** A TCP relay whose connections can be cut, all at once and without a goodbye. */
export class Relay {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  /** Whether who connects is thrown out at once. */
  shut = false

  private constructor(port: number) {
    this.#server = createServer({ noDelay: true }, (near) => {
      if (this.shut) {
        near.resetAndDestroy()
        return
      }
      const far = connect({ port, host: '127.0.0.1', noDelay: true })
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(one)
        one.on('error', () => {})
        one.once('close', () => {
          this.#sockets.delete(one)
          other.destroy()
        })
        one.pipe(other)
      }
    })
  }

  static async before(port: number): Promise<Relay> {
    const relay = new Relay(port)
    await new Promise<void>((resolve) => relay.#server.listen(0, '127.0.0.1', resolve))
    return relay
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy()
  }

  async close(): Promise<void> {
    this.cut()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}
